import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { OLDEST_NODE } from "../../../scripts/build/oldest-node.js";

/** As systemd starts the agent: see agent/image/muster-agent.service. */
const AGENT_FLAGS = ["--max-old-space-size=96", "--max-semi-space-size=1"];

/** Bundles a program, by its path from this folder, into `work`, and starts it with the agent's bounds. */
export async function startProgram(
  name: string,
  work: string,
  args: readonly string[] = [],
): Promise<ChildProcess> {
  const outfile = join(work, `${basename(name)}.cjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    ...{ outfile, bundle: true, platform: "node", format: "cjs", target: `node${OLDEST_NODE}` },
    logLevel: "warning",
  });
  return fork(outfile, args, { execArgv: AGENT_FLAGS, stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** The program's next message. Rejects when it ends instead. */
export async function messageOf<T>(child: ChildProcess): Promise<T> {
  const ending = new AbortController();
  try {
    return await Promise.race([
      once(child, "message", ending).then(([message]) => message as T),
      once(child, "exit", ending).then(([code]) => {
        throw new Error(`a program of the benchmark ended: ${String(code)}`);
      }),
    ]);
  } finally {
    ending.abort();
  }
}

/** Memory of the process: now, and the most that it ever had, in MB. */
export async function memoryMb({
  pid,
}: ChildProcess): Promise<{ readonly now: number; readonly most: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1_024;
  return { now: of("VmRSS"), most: of("VmHWM") };
}
