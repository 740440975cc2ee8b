import { nameJobs } from "../../../agent/contract/resize.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { failure } from "../../core/diagnostic.js";
import type { FleetContext } from "./context.js";

const LOOK_EVERY_MS = 1000;
/** How long a head may take to see that no job is to begin. */
const UNSEEN_MS = 30_000;
/** A job may begin just as the head learns of it. */
const QUIET_LOOKS = 2;

/** The ids of the jobs that a head has begun and that have not ended; may lag behind by moments. */
export async function runningJobs(
  clusterUuid: string,
  { client }: Pick<FleetContext, "client">,
): Promise<readonly string[]> {
  const queue = await client.jobs.queue(clusterUuid);
  return queue.filter(({ status }) => status === "INPROGRESS").map(({ id }) => id);
}

/**
 * Waits until no job uses the nodes of a fleet that is about to be replaced, after META says that none is wanted: so no further job
 * begins. A group without instances has no job. Throws at the time-out, and says which job it is.
 */
export async function awaitJobs(
  about: { readonly clusterUuid: string; readonly groupName: string; readonly timeoutMs: number },
  context: FleetContext,
): Promise<void> {
  const { clusterUuid, groupName, timeoutMs } = about;
  const { client, clock } = context;
  const sinceMs = clock.monotonicMs();
  let jobs: readonly string[] = [];
  let quiet = 0;
  const look = async () => {
    const [group, cluster] = await Promise.all([
      client.groups.describe(groupName),
      client.registry.readCluster(clusterUuid),
    ]);
    if (cluster === null || (group?.instances ?? []).length === 0)
      return { done: true, value: null } as const;
    jobs = await runningJobs(clusterUuid, context);
    const hasSeen = cluster.headInstanceId === null || cluster.reasonCode !== null;
    const isFree = jobs.length === 0 && (hasSeen || clock.monotonicMs() - sinceMs >= UNSEEN_MS);
    quiet = isFree ? quiet + 1 : 0;
    if (quiet >= QUIET_LOOKS) return { done: true, value: null } as const;
    const what = jobs.length > 0 ? `waits for the end of ${nameJobs(jobs)}` : "waits for the head node";
    return { done: false, progress: what } as const;
  };
  const what = `the jobs of cluster ${clusterUuid} to end, before its nodes do`;
  await context.poll(what, look, { everyMs: LOOK_EVERY_MS, timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof WaitTimeoutError) || jobs.length === 0) throw error;
    throw failure(
      "fleet-not-drained",
      `The fleet of cluster ${clusterUuid} is to be replaced, and ${nameJobs(jobs)} still ${jobs.length === 1 ? "uses" : "use"} its nodes`,
      `${error.message} No further job begins. Wait for the end of ${nameJobs(jobs)}, or end it (muster job cancel ${jobs[0]}), then apply again; or give timeouts.delete the time that the job takes.`,
    );
  });
}
