import { NoSuchJobError, ReaderLeftError, SignalledError } from "../core/exit.js";
import type { JobState } from "../core/ports.js";
import { cancelJob, renderCancelled } from "../jobs/cancel.js";
import { followJob, type JobReference } from "../jobs/follow.js";
import { followInterruptibly } from "../jobs/interrupt.js";
import type { ClusterContext } from "./context.js";

/** Says that the job keeps running, and how to follow or cancel it. */
const goesOn = (jobId: string, flags: string): string =>
  `the job keeps running; follow it with \`muster job logs -f ${jobId}${flags}\`, cancel it with \`muster job cancel ${jobId}${flags}\``;

/** What is done besides waiting. */
interface Following {
  /** Submits the job, for example. */
  readonly before?: () => Promise<void>;
  /** Hears of the job at each look. */
  readonly onLook?: (job: JobState) => Promise<void>;
}

/** Says how the job has ended, by these lines, and gives it as the registry has it. */
export async function showEnd(
  { access, out }: ClusterContext,
  { clusterUuid, jobId }: JobReference,
  lines: readonly string[],
): Promise<void> {
  for (const line of lines) out.say(line);
  await out.document(out.json ? await access.jobs.read(clusterUuid, jobId) : null);
}

/**
 * Waits for the job's end; `before` may submit it first. If a Ctrl-C, --timeout or an error ends the wait earlier, the job keeps
 * running, and a message says so; then it throws the reason.
 */
export async function followFrom(
  { access, out, world, signal, flags }: ClusterContext,
  reference: JobReference,
  { before = async () => undefined, onLook }: Following = {},
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
      const hearing = onLook === undefined ? {} : { onLook };
      const { say, waits } = out;
      return followJob(reference, { access, say, waits, signal: stop, sleep: world.sleep, ...hearing });
    });
  } catch (error) {
    // After an interrupt, the message was shown already, or the job was cancelled.
    const isSaid =
      error instanceof SignalledError || error instanceof NoSuchJobError || error instanceof ReaderLeftError;
    if (isSubmitted && !isSaid) out.say(deps.goesOn);
    throw error;
  }
}
