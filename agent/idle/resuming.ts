import { renderDuration } from "../contract/duration.js";
import { beginPark, type ParkControl } from "../contract/park.js";
import { type Because, because, type ClusterReasonCode, type JobReasonCode } from "../contract/reasons.js";
import type { ClusterItem } from "../contract/registry.js";

export interface ResumeWatchDeps {
  readonly control: Pick<ParkControl, "readCluster" | "perform" | "setSize" | "note">;
  /** The ids of the jobs that wait. */
  waiting(): Promise<readonly string[]>;
  /** The instances of the last park whose heartbeats still come. */
  leaving(cluster: ClusterItem): readonly string[];
  /** Ends an instance of the group, which starts another one. */
  replace(instanceId: string): Promise<void>;
  /** Ends a job that no head has claimed; false: it is not NEW any more. */
  refuse(jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  monotonicMs(): number;
  now(): Date;
}

/** Looks after a cluster that was resumed, until it is ready. */
export interface ResumeWatch {
  /** True: it was given up, and its park has begun. `cluster`: INPROGRESS. */
  look(cluster: ClusterItem): Promise<boolean>;
}

/** How long Auto Scaling may try to start all nodes, from when a head first saw the resume. */
export const RESUME_TIMEOUT_MS = 30 * 60_000;

/** Auto Scaling ends what a park gave up within minutes, and begins with that much sooner. */
const LEAVE_MS = 60_000;

/**
 * A resumer may have ended before it set the group's size, or have set it before a park did: the head sets it once more. Auto Scaling
 * tries again by itself where capacity is short. When the time is up with some of the nodes, these go again: they cost money, and no
 * job runs on a part of a cluster. The jobs that waited for it end, for nothing else would.
 *
 * A resume may come so soon after a park that Auto Scaling had ended nothing yet, and keeps the instances: they have been given up, so
 * they are replaced.
 */
export function createResumeWatch(deps: ResumeWatchDeps): ResumeWatch {
  const { control, monotonicMs, now } = deps;
  let seen: { readonly at: string; readonly sinceMs: number } | null = null;
  const replaced = new Set<string>();

  async function giveUp(cluster: ClusterItem): Promise<boolean> {
    const why = tooFew(cluster);
    const forJob = because("cluster-not-resumed", why.reason);
    for (const jobId of await deps.waiting()) await deps.refuse(jobId, forJob, now());
    return beginPark(control, cluster, why, now);
  }

  async function replaceLeft(cluster: ClusterItem): Promise<void> {
    for (const id of deps.leaving(cluster).filter((left) => !replaced.has(left))) {
      replaced.add(id);
      await deps.replace(id);
    }
  }

  return {
    async look(cluster) {
      const { resume, fleet } = cluster;
      // Terraform waits for its own resizes.
      if (resume === undefined || fleet === undefined) return false;
      if (seen?.at !== resume.at) {
        await control.setSize(fleet.group, cluster.desiredNodes);
        seen = { at: resume.at, sinceMs: monotonicMs() };
        replaced.clear();
      }
      const waitedMs = monotonicMs() - seen.sinceMs;
      if (waitedMs >= RESUME_TIMEOUT_MS) return giveUp(cluster);
      if (waitedMs >= LEAVE_MS) await replaceLeft(cluster);
      return false;
    },
  };
}

const tooFew = ({ readyNodes, desiredNodes }: ClusterItem): Because<ClusterReasonCode> =>
  because(
    "resume-timed-out",
    `${readyNodes} of ${desiredNodes} nodes were ready ${renderDuration(RESUME_TIMEOUT_MS)} after the cluster was resumed`,
  );
