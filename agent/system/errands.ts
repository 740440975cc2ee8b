import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined } from "./confined.js";

/** One thing to do in the job user's tree: a shell script with its parameters ($1, $2, ...). */
interface Errand {
  readonly script: string;
  readonly parameters: readonly string[];
  /** Its standard input; none by default. A stream that fails ends it, with the stream's error. */
  readonly input?: string | Uint8Array | Readable;
  /** What it may read at file descriptor 3. It is in no argument, variable or file. */
  readonly secret?: string;
  /** What its error may show of what it says on standard error; default: all of it. */
  redact?(text: string): string;
  readonly timeoutMs: number;
  /** Cuts it short: everything that it has started is killed. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the agent does where jobs may write, it does through these: a process that is the job user does it, and so can do
 * no more than a job can. What comes back is the job user's word, and is trusted as little.
 */
export interface Errands {
  /**
   * Runs to the end and gives the standard output. Rejects when it exits with anything but 0, prints over 1 MiB, is not done
   * in time, or is stopped by its signal; then everything that it has started is killed before it rejects.
   */
  run(errand: Errand): Promise<Buffer>;
}

const MAX_OUTPUT_BYTES = 1_048_576;
const MAX_COMPLAINT_BYTES = 500;
const TOO_MUCH = `it prints more than ${MAX_OUTPUT_BYTES} bytes`;
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };

/** Errands as `user`, each in its own cgroup, with `variables` in its environment: what brings it to the outside. */
export function createErrands(
  cgroups: Cgroups,
  user: ConfinedUser,
  variables: Readonly<Record<string, string>> = {},
): Errands {
  const environment = { ...variables, ...ENVIRONMENT };
  return {
    async run(errand) {
      const id = randomUUID();
      const folder = await cgroups.make("errand", id);
      const empty = () => cgroups.empty("errand", id);
      try {
        const end = await runToEnd(errand, { folder, user, environment }, empty);
        if (end.problem !== null) throw new Error(end.problem);
        return end.output;
      } finally {
        await empty();
      }
    },
  };
}

/**
 * Ends the errands that an agent of before had under way: nothing waits for them. Call it before the first errand. Gives those that did
 * not end.
 */
export async function endLeftErrands(cgroups: Pick<Cgroups, "ids" | "empty">): Promise<readonly string[]> {
  const end = (id: string) =>
    cgroups.empty("errand", id).then(
      () => [],
      () => [id],
    );
  return (await Promise.all((await cgroups.ids("errand")).map(end))).flat();
}
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

interface ErrandEnd {
  readonly output: Buffer;
  /** Null: it exited with 0. */
  readonly problem: string | null;
}

/** Where an errand runs: its cgroup, as whom, and with which variables. */
interface Place {
  readonly folder: string;
  readonly user: ConfinedUser;
  readonly environment: Readonly<Record<string, string>>;
}

/** `empty` ends all that it has started, which also closes the pipes that something of it may hold open. */
function runToEnd(
  { script, parameters, input = "", secret, redact, timeoutMs, signal }: Errand,
  { folder, user, environment }: Place,
  empty: () => Promise<void>,
): Promise<ErrandEnd> {
  const shell = ["/bin/sh", "-euc", script, "muster-errand", ...parameters];
  const [program, ...args] = confined(folder, user, shell);
  const secretPipe = secret === undefined ? [] : (["pipe"] as const);
  const child = spawn(program, args, {
    cwd: "/",
    env: environment,
    stdio: ["pipe", "pipe", "pipe", ...secretPipe],
  }) as Child;
  let stopped: string | null = null;
  const stop = (why: string | null) => {
    stopped ??= why;
    empty().catch(() => undefined);
  };
  const release = onLimit({ timeoutMs, ...(signal === undefined ? {} : { signal }) }, stop);
  let broken: Error | null = null;
  const fed = feed(child.stdin, input, (error) => {
    broken = error;
    stop(error.message);
  });
  if (secret !== undefined) void feed(child.stdio[3] as unknown as Writable, secret);
  const output = collect(child.stdout, () => stop(TOO_MUCH));
  const complaint = collect(child.stderr, () => stop(TOO_MUCH));
  child.once("exit", () => stop(null));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", async (code) => {
      release();
      await fed;
      if (broken !== null) reject(broken);
      const said = lastOf(complaint(), redact);
      resolve({ output: output(), problem: stopped ?? (code === 0 ? null : said || `exit code ${code}`) });
    });
  });
}

/** Stops it when the time is up, or when the signal says so; what it returns ends the watch. */
function onLimit(
  { timeoutMs, signal }: Pick<Errand, "timeoutMs" | "signal">,
  stop: (why: string) => void,
): () => void {
  const timer = setTimeout(() => stop(`not done after ${timeoutMs} ms`), timeoutMs);
  const cutShort = () => stop("it was cut short");
  if (signal?.aborted === true) cutShort();
  signal?.addEventListener("abort", cutShort);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cutShort);
  };
}

/** Redacted before it is cut: half a secret would not be found. */
const lastOf = (said: Buffer, redact: (text: string) => string = (text) => text): string =>
  Buffer.from(redact(said.toString("utf8")))
    .subarray(-MAX_COMPLAINT_BYTES)
    .toString("utf8")
    .trim();

/** Writes all of it. The errand may end without reading it; `onBroken`: the stream that it comes from has failed. */
async function feed(
  pipe: Writable,
  input: string | Uint8Array | Readable,
  onBroken: (error: Error) => void = () => undefined,
): Promise<void> {
  let isPipeOver = false;
  const over = () => {
    isPipeOver = true;
  };
  pipe.once("error", over).once("close", over);
  if (!(input instanceof Readable)) {
    pipe.end(input);
    return;
  }
  if (input.errored !== null) onBroken(input.errored);
  // Where the pipe ends first, the stream is destroyed for that, and has not failed by itself.
  input.once("error", (error) => {
    if (!isPipeOver) onBroken(error);
  });
  await pipeline(input, pipe).catch(() => undefined);
}

/** Collects a stream, up to the limit; returns what has arrived so far. */
function collect(stream: Readable, onTooMuch: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks);
}
