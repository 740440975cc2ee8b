import { type Readable, Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { visibleLine, visibleText } from "../../../agent/contract/visible-text.js";
import type { World } from "./world.js";

/** Where a command's words go: news to stderr, what was asked for to stdout. */
export interface Output {
  readonly json: boolean;
  /** News, on stderr. Others' text in it is made visible. */
  say(line: string): void;
  /** Lines on stdout, for a person: not with --json. */
  print(lines: readonly string[]): Promise<void>;
  /** The one document of --json on stdout: not without it. */
  document(value: unknown): Promise<void>;
}

export const createOutput = ({ stdout, say }: Pick<World, "stdout" | "say">, json: boolean): Output => ({
  json,
  say: (line) => say(visibleText(line)),
  print: async (lines) => {
    if (!json && lines.length > 0)
      await write(stdout, `${lines.map((line) => visibleLine(line)).join("\n")}\n`);
  },
  document: async (value) => {
    if (json) await write(stdout, `${renderJson(value)}\n`);
  },
});

/** What JSON leaves as it is though a terminal would obey it. */
const RISKY = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line. The same document as JSON.stringify's, with no character that a terminal obeys. Pure. */
export const renderJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    RISKY,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** How much of a stream went to stdout, and what ended it: its own end, a reader that left, or what broke the source. */
interface Streamed {
  readonly bytes: number;
  readonly end: "whole" | "reader-left" | Error;
}

/** Brings the bytes to stdout as they are, as fast as its reader takes them; stdout stays open. Throws the signal's reason. */
export async function streamTo(stdout: Writable, source: Readable, signal: AbortSignal): Promise<Streamed> {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    await pipeline(source, counted, stdout, { end: false, signal });
    return { bytes, end: "whole" };
  } catch (error) {
    signal.throwIfAborted();
    return { bytes, end: isReaderGone(error) ? "reader-left" : (error as Error) };
  }
}

/** Whether a write failed because no one reads any more: `| head` has what it wanted, which is no failure. */
const isReaderGone = (error: unknown): boolean =>
  ["EPIPE", "ERR_STREAM_DESTROYED"].includes((error as NodeJS.ErrnoException).code ?? "");

async function write(stdout: Writable, text: string): Promise<void> {
  // A stream that has failed takes what is written and never answers.
  if (stdout.errored !== null) return;
  const written = new Promise<void>((resolve, reject) =>
    stdout.write(text, (error) => (error == null ? resolve() : reject(error))),
  );
  await written.catch((error: unknown) => {
    if (!isReaderGone(error)) throw error;
  });
}
