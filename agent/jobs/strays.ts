import type { Logger } from "pino";
import { isJobEnded } from "../contract/job-state.js";
import type { JobItem, LaunchNode } from "../contract/registry.js";
import type { JobProcesses, JobRegistry } from "./ports.js";

/** Whether a job's processes on this node are strays: the job has ended or is gone, its attempt is over, or was started elsewhere. */
function isStray(item: Pick<JobItem, "status" | "phase" | "launchedOn"> | null, self: LaunchNode): boolean {
  if (item === null || isJobEnded(item.status) || item.phase === "retrying") return true;
  return item.launchedOn?.instanceId !== self.instanceId;
}

/**
 * Ends the processes on this node of jobs that are over, as a head may have concluded while it could not reach this node. What
 * another head looks after runs on. `except`: the jobs that this node drives itself. Gives whether a job has processes here. Throws
 * when the registry does not answer.
 */
export async function endStrays(
  except: readonly string[],
  {
    registry,
    processes,
    self,
    log,
  }: {
    readonly registry: Pick<JobRegistry, "read">;
    readonly processes: JobProcesses;
    readonly self: LaunchNode;
    readonly log: Logger;
  },
): Promise<boolean> {
  const ids = await processes.ids();
  for (const jobId of ids) {
    if (except.includes(jobId) || !isStray(await registry.read(jobId), self)) continue;
    log.warn({ jobId }, "a job that is over still runs here: ending it");
    await processes.signal(jobId, "SIGKILL");
    await processes.forget(jobId);
  }
  return ids.length > 0;
}
