import { failure } from "../core/exit.js";
import { type Output, streamTo } from "../core/output.js";
import type { Access, JobState } from "../core/ports.js";
import type { World } from "../core/world.js";
import { renderLogLines } from "../render/job.js";

/** What showing a log needs. */
export interface DeliverDeps {
  readonly access: Pick<Access, "logs">;
  readonly world: Pick<World, "stdout">;
  readonly out: Pick<Output, "say">;
  readonly signal: AbortSignal;
}

/**
 * Writes the job's delivered log to stdout, byte for byte and never whole in memory; first says where it is. If no log was
 * delivered, it shows the last known lines. Throws if the log breaks off. If the reader closes the pipe, that is not a failure.
 */
export async function deliverLog(job: JobState, { access, world, out, signal }: DeliverDeps): Promise<void> {
  for (const line of renderLogLines(job)) out.say(line);
  if (job.log === null) return;
  const { uri, bytes } = job.log;
  const { bytes: got, end } = await streamTo(world.stdout, await access.logs.open(uri), signal);
  if (end === "reader-left" || (end === "whole" && got === bytes)) return;
  const why = end === "whole" ? "" : ` (${end.message})`;
  throw failure(
    `The log broke off${why} after ${got} of ${bytes} bytes. The whole log is ${uri}; try again with \`muster job logs ${job.id}\`.`,
  );
}
