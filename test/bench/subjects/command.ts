import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { BenchSubject } from "../subject.js";

/** `muster --help` may take so many times what a bare Node.js takes. */
const GOAL_TIMES = 1.5;

/** How soon the command is there, beside a Node.js that does nothing. */
export const commandSubject = (runs: number): BenchSubject => ({
  name: "command",
  async measure({ projectRoot, say }) {
    say(`command: ${runs} starts of each, by turns`);
    const muster = join(projectRoot, "dist/cli/muster.cjs");
    const bare: number[] = [];
    const help: number[] = [];
    const list: number[] = [];
    // The least of each counts: what the machine's other work adds is no part of it.
    for (let run = 0; run < runs; run++) {
      bare.push(await startMs(["-e", "0"]));
      help.push(await startMs([muster, "--help"]));
      list.push(await startMs([muster, "job", "list", "--help"]));
    }
    const figures = {
      bareMs: Math.min(...bare),
      helpMs: Math.min(...help),
      jobListHelpMs: Math.min(...list),
    };
    return {
      text: renderCommand(figures),
      json: { command: { figures, goals: { helpTimes: GOAL_TIMES } } },
      missed: missedCommandGoals(figures),
    };
  },
});

interface CommandFigures {
  readonly bareMs: number;
  readonly helpMs: number;
  readonly jobListHelpMs: number;
}

export const missedCommandGoals = ({ bareMs, helpMs }: CommandFigures): readonly string[] =>
  helpMs > GOAL_TIMES * bareMs ? ["command: --help"] : [];

export function renderCommand({ bareMs, helpMs, jobListHelpMs }: CommandFigures): string {
  const row = (what: string, ms: number): string =>
    `${what.padEnd(24)} ${ms.toFixed(0).padStart(5)} ms  ${(ms / bareMs).toFixed(2)}x`;
  return [
    row("node -e 0", bareMs),
    `${row("muster --help", helpMs)}  goal ${GOAL_TIMES}x`,
    row("muster job list --help", jobListHelpMs),
  ].join("\n");
}

/** From a process's start to its end. */
async function startMs(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}.`);
  return performance.now() - startedAt;
}
