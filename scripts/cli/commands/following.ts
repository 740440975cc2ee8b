import { NoSuchJobError, SignalledError } from "../core/exit.js";
import type { JobState } from "../core/ports.js";
import { cancelJob, renderCancelled } from "../jobs/cancel.js";
import { followJob, type JobReference } from "../jobs/follow.js";
import { followInterruptibly } from "../jobs/interrupt.js";
import type { ClusterContext } from "./context.js";

/** What goes on without the command, and how to come back to it. */
const goesOn = (jobId: string, flags: string): string =>
  `the job runs on; follow it with \`muster job logs -f ${jobId}${flags}\`, cancel it with \`muster job cancel ${jobId}${flags}\``;

/**
 * Waits for the job's end, `before` which it may be submitted. Whatever ends the wait earlier (a Ctrl-C, the time that
 * --timeout gave, an error) leaves the job alone, and says so; what is thrown then is the reason.
 */
export async function followFrom(
  { access, out, world, signal, flags }: ClusterContext,
  reference: JobReference,
  before: () => Promise<void> = async () => undefined,
): Promise<JobState> {
  const { jobId, clusterUuid } = reference;
  const deps = {
    world,
    jobId,
    goesOn: goesOn(jobId, flags),
    cancel: async () => renderCancelled(await cancelJob(access.jobs, clusterUuid, jobId, world.now()), flags),
  };
  let isSubmitted = false;
  try {
    return await followInterruptibly(deps, async (leaving) => {
      await before();
      isSubmitted = true;
      const stop = AbortSignal.any([signal, leaving]);
      return followJob(reference, { access, say: out.say, signal: stop, sleep: world.sleep });
    });
  } catch (error) {
    // An interrupt has said it already, or has cancelled the job.
    const isSaid = error instanceof SignalledError || error instanceof NoSuchJobError;
    if (isSubmitted && !isSaid) out.say(deps.goesOn);
    throw error;
  }
}
