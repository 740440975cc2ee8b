import { isJobEnded } from "../../../agent/contract/job-state.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import type { DeclaredCluster } from "./declared.js";
import { renderAge } from "./duration.js";

type Job = Pick<JobItem, "id" | "status" | "logState">;

/** What the choice depends on. */
export interface ReapFacts {
  readonly cluster: Pick<ClusterItem, "clusterStatus" | "phase" | "statusChangedAt" | "dedicatedTo">;
  /** Null: muster.yaml does not declare it. */
  readonly declared: Pick<DeclaredCluster, "isDedicated"> | null;
  /** The ids of its jobs that have not ended. */
  readonly unendedJobs: readonly string[];
  /** The job of `dedicatedTo`; null: there is none in the registry. */
  readonly job: Job | null;
  readonly now: Date;
  /** --parked-longer-than; null: not given. */
  readonly limitSeconds: number | null;
}

/** `finished`: it is to be destroyed. `left`: it would be, but muster.yaml does not declare it. `why` says what decided. */
export interface ReapChoice {
  readonly is: "finished" | "left" | "kept";
  readonly why: string;
}

/** The phases of a parked cluster without nodes. In the second a destroy, which can be repeated, has come to its fleet. */
const WITHOUT_NODES: readonly ClusterItem["phase"][] = ["parked", "no-nodes"];

/** Whether it has no nodes. Pure. */
export const isParked = ({ clusterStatus, phase }: ReapFacts["cluster"]): boolean =>
  clusterStatus === "PARKED" && WITHOUT_NODES.includes(phase);

/** Whether a cluster is finished with: one whose destroy has begun; or one that is parked, without jobs, and for a reason. Pure. */
export function chooseReap(facts: ReapFacts): ReapChoice {
  const finished = findReason(facts);
  return finished.is === "finished" && facts.declared === null
    ? { is: "left", why: `muster.yaml does not declare it; ${finished.why}` }
    : finished;
}

function findReason(facts: ReapFacts): ReapChoice {
  const { cluster, unendedJobs } = facts;
  const { clusterStatus, phase } = cluster;
  // Nothing leads back from there: only another destroy ends it.
  if (clusterStatus === "REMOVING")
    return { is: "finished", why: "a destroy of it has begun, and has not come to its end" };
  if (!isParked(cluster)) return { is: "kept", why: `it is ${clusterStatus} (${phase}), not parked` };
  const [jobId] = unendedJobs;
  if (jobId !== undefined) return { is: "kept", why: `job ${jobId} has not ended` };
  const dedicated = ofDedicated(facts);
  const parked = ofParked(facts);
  return [dedicated, parked].find((choice) => choice?.is === "finished") ?? dedicated ?? parked;
}

/** Null: it is made for no job, or muster.yaml says so no longer. */
function ofDedicated({ cluster, declared, job }: ReapFacts): ReapChoice | null {
  const { dedicatedTo } = cluster;
  if (dedicatedTo === undefined || declared?.isDedicated === false) return null;
  if (job === null)
    return { is: "kept", why: `job ${dedicatedTo}, which it was made for, was never submitted` };
  const its = `job ${job.id}, which it was made for,`;
  if (!isJobEnded(job.status)) return { is: "kept", why: `${its} is ${job.status}` };
  if (job.logState === "pending")
    return {
      is: "kept",
      why: `the log of ${its} is not in the bucket yet: resume the cluster to have it sent`,
    };
  return { is: "finished", why: `${its} is ${job.status}` };
}

function ofParked({ cluster, now, limitSeconds }: ReapFacts): ReapChoice {
  const seconds = (now.getTime() - Date.parse(cluster.statusChangedAt)) / 1_000;
  const since = `parked for ${renderAge(seconds)}`;
  if (limitSeconds === null) return { is: "kept", why: `${since}, and made for no job` };
  return seconds > limitSeconds
    ? { is: "finished", why: `${since}, longer than ${renderAge(limitSeconds)}` }
    : { is: "kept", why: `${since}, not longer than ${renderAge(limitSeconds)}` };
}
