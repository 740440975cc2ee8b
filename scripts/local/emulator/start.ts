import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { PassThrough } from "node:stream";
import { discoverEmulator } from "./discover.js";

/** A running emulator. `stop` may be called twice; it resolves when the process is gone (SIGKILL after 3 s). */
export interface RunningEmulator {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Where it writes (append) and how long to wait for it. */
export interface EmulatorOptions {
  readonly logFile?: string;
  /** Machine images that exist from the start, instead of the emulator's samples: see images.ts. */
  readonly imagesFile?: string;
  /** Default 30: a cold Python import on a busy machine takes several seconds. */
  readonly timeoutSeconds?: number;
}

const LISTENING = /Running on http:\/\/127\.0\.0\.1:(\d+)/;
const STOP_GRACE_MS = 3000;
const SHOWN_OUTPUT_CHARS = 2000;

/**
 * Starts the AWS emulator on a free loopback port (which it picks itself, so nobody can take it in between) and waits
 * until it listens. It keeps everything in memory. Fails with the end of its output when it doesn't come up.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const [program, ...args] = discoverEmulator().argv;
  const child = spawn(program, [...args, "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
      PYTHONUNBUFFERED: "1",
      // Without assertions: one of them ends every launch from a later version of a launch template with user data.
      PYTHONOPTIMIZE: "1",
      ...(options.imagesFile === undefined ? {} : { MOTO_AMIS_PATH: options.imagesFile }),
    },
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = (): Promise<void> => stopProcess(child, ended);
  try {
    const port = await listeningPort(child, options);
    return { url: `http://127.0.0.1:${port}`, port, pid: child.pid ?? 0, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads the port from what the server prints; its further output goes to the log file, or nowhere. */
function listeningPort(child: ChildProcess, options: EmulatorOptions): Promise<number> {
  const output = new PassThrough();
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  if (options.logFile !== undefined) output.pipe(createWriteStream(options.logFile, { flags: "a" }));
  const timeoutSeconds = options.timeoutSeconds ?? 30;
  return new Promise((resolve, reject) => {
    let seen = "";
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`The AWS emulator (${child.spawnfile}) ${what}.\n${seen.slice(-SHOWN_OUTPUT_CHARS)}`));
    };
    const timer = setTimeout(() => fail(`did not listen within ${timeoutSeconds} s`), timeoutSeconds * 1000);
    const onData = (chunk: Buffer): void => {
      seen += chunk.toString();
      const match = LISTENING.exec(seen);
      if (match === null) return;
      clearTimeout(timer);
      output.off("data", onData);
      output.resume();
      resolve(Number(match[1]));
    };
    output.on("data", onData);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => fail(`ended with ${signal ?? `exit code ${code}`}`));
  });
}

async function stopProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
  await ended;
  clearTimeout(killer);
}
