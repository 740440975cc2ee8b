import { run } from "./run.js";

const TIMEOUT_MS = 5_000;
const MOST_CHARS = 900_000;

/** The end of the agent's journal and of the kernel's, of this boot: no job writes there. Bounded. Rejects with the reason. */
export async function readJournal(): Promise<string> {
  const of = (...choice: string[]) =>
    run("/usr/bin/journalctl", ["--boot", "--no-pager", "--output=short-iso", ...choice], TIMEOUT_MS);
  const [agent, kernel] = await Promise.all([
    of("--unit=muster-agent", "--lines=1000"),
    of("--dmesg", "--lines=300").catch(() => ""),
  ]);
  return `${agent.slice(-MOST_CHARS)}\n-- kernel --\n${kernel.slice(-MOST_CHARS)}`;
}
