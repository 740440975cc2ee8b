import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

export interface ServiceOptions<T> {
  /** Its name at the beginning of messages: "The AWS emulator". */
  readonly name: string;
  /** Default: this process's. */
  readonly cwd?: string;
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: nothing. "pipe": open for as long as this process lives. */
  readonly stdin?: "ignore" | "pipe";
  /** Its output is appended there. Default: nowhere. */
  readonly logFile?: string;
  /** The information in its ready line; null for every other line. */
  readonly readReady: (line: string) => T | null;
  readonly timeoutSeconds: number;
  /** Ends it without waiting. May be called after it has ended. Default: SIGTERM, and SIGKILL after 3 s. */
  readonly end?: () => void;
}

/** A running service. `stop` may be called twice; it resolves when the process is gone. */
export interface Service<T> {
  /** The information in its ready line. */
  readonly ready: T;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 3000;
const SHOWN_OUTPUT_CHARS = 2000;

/** Starts a program that keeps running, and waits until it is ready. Otherwise fails with the end of its output. */
export async function startService<T>(
  argv: readonly [string, ...string[]],
  options: ServiceOptions<T>,
): Promise<Service<T>> {
  const [program, ...args] = argv;
  const { cwd, env = process.env, stdin = "ignore" } = options;
  const child = spawn(program, args, { cwd, env, stdio: [stdin, "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const end = options.end ?? (() => endProcess(child, ended));
  const stop = async (): Promise<void> => {
    end();
    await ended;
  };
  try {
    return { ready: await awaitReady(child, options), pid: child.pid ?? 0, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Its output is read for as long as it runs: a full pipe would stop it. */
function awaitReady<T>(
  child: ChildProcess,
  { name, logFile, readReady, timeoutSeconds }: ServiceOptions<T>,
): Promise<T> {
  const log = logFile === undefined ? null : createWriteStream(logFile, { flags: "a" });
  return new Promise((resolve, reject) => {
    let isSettled = false;
    let said = "";
    const settle = (act: () => void): void => {
      isSettled = true;
      clearTimeout(timer);
      act();
    };
    const fail = (what: string): void =>
      settle(() => reject(new Error(`${name} (${child.spawnfile}) ${what}.\n${said.trim()}`)));
    const timer = setTimeout(() => fail(`was not ready within ${timeoutSeconds} s`), timeoutSeconds * 1000);
    const hear = (line: string): void => {
      log?.write(`${line}\n`);
      if (isSettled) return;
      said = `${said}${line}\n`.slice(-SHOWN_OUTPUT_CHARS);
      const ready = readReady(line);
      if (ready !== null) settle(() => resolve(ready));
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", hear);
    }
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      log?.end();
      fail(`ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

function endProcess(child: ChildProcess, ended: Promise<void>): void {
  if (child.pid === undefined) return;
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
  ended.then(() => clearTimeout(killer));
}
