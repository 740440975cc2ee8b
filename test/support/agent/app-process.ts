import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { OLDEST_NODE } from "../../../scripts/build/oldest-node.js";

/** How the process is: memory now, CPU time of its event loop's turns since it started, jobs that it has taken, open files. */
interface AppHealth {
  readonly rssBytes: number;
  readonly maxTurnMs: number;
  readonly p99TurnMs: number;
  readonly jobs: number;
  readonly descriptors: number;
}

/** The agent's HTTP API in a process of its own, which has node's flags from the agent's unit. */
export interface AppProcess {
  readonly port: number;
  health(): Promise<AppHealth>;
  stop(): Promise<void>;
}

/** The program, made once for a test file. */
let bundled: Promise<Uint8Array> | null = null;
async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [resolve("test/fixtures/agent/app.ts")],
    write: false,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: `node${OLDEST_NODE}`,
    logLevel: "warning",
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** Starts it on 127.0.0.1; `before` is a shell's word on what its limits are to be, such as "ulimit -n 256". */
export async function startAppProcess(before = "true"): Promise<AppProcess> {
  const folder = await mkdtemp(join(tmpdir(), "muster-app-"));
  const outfile = join(folder, "app.cjs");
  bundled ??= bundle();
  await writeFile(outfile, await bundled);
  const child = fork(outfile, [], {
    execPath: "/bin/sh",
    execArgv: ["-c", `${before}; exec "$@"`, "sh", process.execPath, ...(await unitFlags())],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const { port } = await answerOf<{ port: number }>(child);
  return {
    port,
    async health() {
      child.send("health");
      return answerOf<AppHealth>(child);
    },
    async stop() {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      const exit = hasEnded ? Promise.resolve() : once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its next message. Rejects when it ends instead. */
async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ending = new AbortController();
  try {
    return await Promise.race([
      once(child, "message", ending).then(([message]) => message as T),
      once(child, "exit", ending).then(([code, signal]) => {
        throw new Error(`the app's process ended: ${String(code)} ${String(signal)}`);
      }),
    ]);
  } finally {
    ending.abort();
  }
}

/** `--max-old-space-size=96 ...`, as systemd starts the agent. */
async function unitFlags(): Promise<string[]> {
  const unit = await readFile(resolve("agent/image/muster-agent.service"), "utf8");
  const flags = /^ExecStart=\S+ (.*) \S+$/m.exec(unit)?.[1]?.split(" ") ?? [];
  if (!flags.some((flag) => flag.startsWith("--max-old-space-size")))
    throw new Error("the unit bounds no heap");
  return flags;
}
