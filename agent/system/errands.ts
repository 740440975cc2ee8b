import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined } from "./confined.js";

/** One thing to do in the job user's tree: a shell script with its parameters ($1, $2, ...). */
interface Errand {
  readonly script: string;
  readonly parameters: readonly string[];
  /** Its standard input; none by default. */
  readonly input?: string | Uint8Array;
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
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };

/** Errands as `user`, each in its own cgroup. */
export function createErrands(cgroups: Cgroups, user: ConfinedUser): Errands {
  return {
    async run(errand) {
      const id = randomUUID();
      const folder = await cgroups.make("errand", id);
      const empty = () => cgroups.empty("errand", id);
      try {
        const end = await runToEnd(errand, folder, user, empty);
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

interface ErrandEnd {
  readonly output: Buffer;
  /** Null: it exited with 0. */
  readonly problem: string | null;
}

/** `empty` ends all that it has started, which also closes the pipes that something of it may hold open. */
function runToEnd(
  { script, parameters, input, timeoutMs, signal }: Errand,
  folder: string,
  user: ConfinedUser,
  empty: () => Promise<void>,
): Promise<ErrandEnd> {
  const shell = ["/bin/sh", "-euc", script, "muster-errand", ...parameters];
  const [program, ...args] = confined(folder, user, shell);
  const child = spawn(program, args, { cwd: "/", env: ENVIRONMENT, stdio: ["pipe", "pipe", "pipe"] });
  let stopped: string | null = null;
  const stop = (why: string | null) => {
    stopped ??= why;
    empty().catch(() => undefined);
  };
  const timer = setTimeout(() => stop(`not done after ${timeoutMs} ms`), timeoutMs);
  const onAbort = () => stop("it was cut short");
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  // It may end without reading its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  const output = collect(child.stdout, () => stop(`it prints more than ${MAX_OUTPUT_BYTES} bytes`));
  const complaint = collect(child.stderr, () => stop(`it prints more than ${MAX_OUTPUT_BYTES} bytes`));
  child.once("exit", () => stop(null));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      const said = complaint().subarray(-MAX_COMPLAINT_BYTES).toString("utf8").trim();
      resolve({ output: output(), problem: stopped ?? (code === 0 ? null : said || `exit code ${code}`) });
    });
  });
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
