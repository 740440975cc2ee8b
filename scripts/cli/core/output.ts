import { addAbortSignal, type Readable, type Writable } from "node:stream";
import { visibleLine, visibleText } from "../../../agent/contract/visible-text.js";
import { withColours } from "./colours.js";
import { jsonPieces } from "./json-pieces.js";
import type { World } from "./world.js";

/** A command's output: messages to stderr, results to stdout. */
export interface Output {
  readonly json: boolean;
  /** A message, on stderr. Control characters in it are made visible. */
  say(line: string): void;
  /** On a terminal: as World.waits. Without it, what is waited for is said. */
  readonly waits?: ((line: string) => void) | undefined;
  /** Lines on stdout, for a person; nothing with --json. */
  print(lines: readonly string[]): Promise<void>;
  /** The one document of --json on stdout; nothing without it. A list in it may come as it is read: what reads it throws, leaves a document without its end. */
  document(value: unknown): Promise<void>;
}

type OutputWorld = Pick<World, "stdout" | "say"> & Partial<Pick<World, "waits" | "coloured">>;

export const createOutput = (world: OutputWorld, json: boolean): Output => ({
  json,
  say: (line) => {
    const text = visibleText(line);
    world.say(world.coloured?.stderr ? withColours(text) : text);
  },
  get waits() {
    const { waits } = world;
    return waits && ((line: string) => waits(visibleLine(line)));
  },
  print: async (lines) => {
    if (json || lines.length === 0) return;
    const text = lines.map((line) => visibleLine(line)).join("\n");
    await write(world.stdout, `${world.coloured?.stdout ? withColours(text) : text}\n`);
  },
  document: async (value) => {
    if (!json) return;
    for await (const piece of jsonPieces(value)) await write(world.stdout, piece);
    await write(world.stdout, "\n");
  },
});

/** Shows what a wait waits for: in place of the line before on a terminal, elsewhere each line once. */
export const showWait = ({ say, waits }: Pick<Output, "say" | "waits">): ((line: string) => void) =>
  waits ?? sayOnce({ say });

/** Says a line, unless it is the one that was said last. */
export function sayOnce({ say }: Pick<Output, "say">): (line: string) => void {
  let last = "";
  return (line) => {
    if (line !== last) say(line);
    last = line;
  };
}

/** How much of a stream went to stdout, and what ended it: its end, a reader that left, or an error of the source. */
interface Streamed {
  readonly bytes: number;
  readonly end: "whole" | "reader-left" | Error;
}

/**
 * Copies the bytes to stdout unchanged, as fast as its reader reads, and shows `see` what was written; stdout stays open, and takes more after a
 * source that failed. Throws the signal's reason.
 */
export async function streamTo(
  stdout: Writable,
  source: Readable,
  signal: AbortSignal,
  see: (chunk: Buffer) => void,
): Promise<Streamed> {
  let bytes = 0;
  addAbortSignal(signal, source);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (!(await put(stdout, chunk, signal))) return { bytes, end: "reader-left" };
      bytes += chunk.length;
      see(chunk);
    }
    return { bytes, end: "whole" };
  } catch (error) {
    signal.throwIfAborted();
    return { bytes, end: error as Error };
  }
}

/** Resolves when stdout has room for more; false: its reader has left. */
async function put(stdout: Writable, chunk: Uint8Array, signal: AbortSignal): Promise<boolean> {
  if (stdout.errored !== null) return false;
  let stop = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop);
      stdout.write(chunk, (error) => (error == null ? resolve() : reject(error)));
    });
    return true;
  } catch (error) {
    if (signal.aborted || !isReaderGone(error)) throw error;
    return false;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Whether a write failed because the reader has left: `| head` has read enough, which is not a failure. */
const isReaderGone = (error: unknown): boolean =>
  ["EPIPE", "ERR_STREAM_DESTROYED"].includes((error as NodeJS.ErrnoException).code ?? "");

async function write(stdout: Writable, text: string): Promise<void> {
  // A failed stream accepts writes and never answers.
  if (stdout.errored !== null) return;
  const written = new Promise<void>((resolve, reject) =>
    stdout.write(text, (error) => (error == null ? resolve() : reject(error))),
  );
  await written.catch((error: unknown) => {
    if (!isReaderGone(error)) throw error;
  });
}
