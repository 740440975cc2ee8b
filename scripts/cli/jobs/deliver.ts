import { failure } from "../core/exit.js";
import { type Output, streamTo } from "../core/output.js";
import type { Access, JobState } from "../core/ports.js";
import type { World } from "../core/world.js";
import { renderLogLines } from "../render/job.js";

/** What it takes to show a log. */
export interface DeliverDeps {
  readonly access: Pick<Access, "logs">;
  readonly world: Pick<World, "stdout">;
  readonly out: Pick<Output, "say">;
  readonly signal: AbortSignal;
}

/**
 * Brings the job's delivered log to stdout, byte for byte and never whole in memory; says first where it is. Where none
 * was delivered, it says the last lines that are known. Throws where the log breaks off; a reader that leaves is no failure.
 */
export async function deliverLog(job: JobState, { access, world, out, signal }: DeliverDeps): Promise<void> {
  for (const line of renderLogLines(job)) out.say(line);
  if (job.log === null) return;
  const { uri, bytes } = job.log;
  const { bytes: got, end } = await streamTo(world.stdout, await access.logs.open(uri), signal);
  if (end === "reader-left" || (end === "whole" && got === bytes)) return;
  const why = end === "whole" ? "" : ` (${end.message})`;
  throw failure(
    `The log broke off${why}: ${got} of ${bytes} bytes came. The whole of it is ${uri}; \`muster job logs ${job.id}\` tries again.`,
  );
}
