import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Cgroups } from "./cgroups.js";
import type { ConfinedUser } from "./confined.js";
import { createErrandProcesses, type ErrandProcess } from "./errand-processes.js";

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
  /** A job's launch waits for it: it gets a process that is there already, as long as there is one. */
  readonly isUrgent?: boolean;
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
  /** Ends the processes that wait for an errand. Call it once, last. */
  close(): Promise<void>;
}

const MAX_OUTPUT_BYTES = 1_048_576;
const MAX_COMPLAINT_BYTES = 500;
const TOO_MUCH = `it prints more than ${MAX_OUTPUT_BYTES} bytes`;

/** How a user's errands are done. */
interface ErrandOptions {
  /** For how many of the urgent ones a process waits. */
  readonly ready?: number;
  /** In the environment of each: what brings it to the outside. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Errands as `user`, each in its own cgroup. */
export function createErrands(
  cgroups: Cgroups,
  user: ConfinedUser,
  { ready = 0, variables = {} }: ErrandOptions = {},
): Errands {
  const processes = createErrandProcesses(cgroups, user, { ready, variables });
  return {
    async run(errand) {
      const process = await processes.take(errand.isUrgent === true);
      try {
        const end = await runToEnd(errand, process);
        if (end.problem !== null) throw new Error(end.problem);
        return end.output;
      } finally {
        await process.empty();
      }
    },
    close: processes.close,
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

interface ErrandEnd {
  readonly output: Buffer;
  /** Null: it exited with 0. */
  readonly problem: string | null;
}

/**
 * What the shell is to do, as its own input: the parameters, and the script, which is read whole before any of it is done, for it has
 * another input. Pure.
 */
function programOf({ script, parameters, secret }: Errand): string {
  const words = parameters.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return `\n{ exec <&4 4<&-${secret === undefined ? " 3<&-" : ""}; set -- ${words}\n${script}\nexit\n}\n`;
}

function runToEnd(errand: Errand, { child, empty }: ErrandProcess): Promise<ErrandEnd> {
  const { input = "", secret, redact, timeoutMs, signal } = errand;
  let stopped: string | null = null;
  const stop = (why: string | null) => {
    stopped ??= why;
    empty().catch(() => undefined);
  };
  const release = onLimit({ timeoutMs, ...(signal === undefined ? {} : { signal }) }, stop);
  let broken: Error | null = null;
  void feed(child.stdin, programOf(errand));
  void feed(child.stdio[3], secret ?? "");
  const fed = feed(child.stdio[4], input, (error) => {
    broken = error;
    stop(error.message);
  });
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
