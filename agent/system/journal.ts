import { run } from "./run.js";

const JOURNALCTL = "/usr/bin/journalctl";
const TIMEOUT_MS = 5_000;
const MOST_CHARS = 900_000;
/** A line may have a launch's whole command; so many are seldom longer than 16 KiB each. */
const LINES = 1_000;
const MOST_BYTES = LINES * 16_384;

/**
 * What the agent and systemd have written: journalctl's words. What a job's processes send to journald has the agent's unit too, for their cgroups are
 * the unit's, but never root's id, which the kernel tells journald.
 */
export const AGENT_JOURNAL = ["--unit=muster-agent", "_UID=0"] as const;

/** The end of the agent's journal and of the kernel's, of this boot: no job writes there. Bounded. Rejects with the reason. */
export async function readJournal(): Promise<string> {
  const of = (...choice: string[]) =>
    run(JOURNALCTL, ["--boot", "--no-pager", "--output=short-iso", ...choice], TIMEOUT_MS, MOST_BYTES);
  const [agent, kernel] = await Promise.all([
    of(...AGENT_JOURNAL, `--lines=${LINES}`),
    of("--dmesg", "--lines=300").catch(() => ""),
  ]);
  return `${agent.slice(-MOST_CHARS)}\n-- kernel --\n${kernel.slice(-MOST_CHARS)}`;
}
