import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { OLDEST_NODE } from "../../../scripts/build/oldest-node.js";

/** As systemd starts the agent: see agent/image/muster-agent.service. */
const AGENT_FLAGS = ["--max-old-space-size=96", "--max-semi-space-size=1"];
const AGENT_ENVIRONMENT = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_TRIM_THRESHOLD_: "65536",
  MALLOC_MMAP_THRESHOLD_: "32768",
};
const AGENT_NICE = -15;

/** Bundles a program, by its path from this folder, into `work`, and starts it with the agent's bounds. */
export async function startProgram(
  name: string,
  work: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const outfile = join(work, `${basename(name)}.cjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    ...{ outfile, bundle: true, platform: "node", format: "cjs", target: `node${OLDEST_NODE}` },
    logLevel: "warning",
  });
  return fork(outfile, args, {
    execArgv: AGENT_FLAGS,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

/** The same with the agent's settings of memory; it comes before others, as the agent does, where this process may do so. */
export async function startAsAgent(
  ...[name, work, args]: Parameters<typeof startProgram>
): Promise<ChildProcess> {
  const child = await startProgram(name, work, args, AGENT_ENVIRONMENT);
  if (child.pid !== undefined && process.getuid?.() === 0) setPriority(child.pid, AGENT_NICE);
  return child;
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
