import { chainOf, type LogPart } from "../../../../agent/contract/log-parts.js";
import type { Logs } from "../../core/ports.js";
import type { LogWindow } from "../api.js";

/** An attempt's log: where its parts are, and whether nothing more comes. */
export interface LogPlace {
  readonly prefix: string;
  readonly isWhole: boolean;
}
type LogParts = Pick<Logs, "part" | "parts">;

/** The most of a log that one answer has. */
const WINDOW_BYTES = 262_144;
const NEWLINE = 10;

/** How many bytes of the log are there, without a gap. Pure. */
export const sizeOf = (chain: readonly LogPart[]): number => {
  const last = chain.at(-1);
  return last === undefined ? 0 : last.offset + last.bytes;
};

/** Which bytes are wanted: those from `from` on, or the last ones before `before`; null: before the end. */
export type Wanted = { readonly from: number } | { readonly before: number | null };

/** A window of a log. No more of it than that is read, or kept. A window that looks back begins with a line, where one begins in it. */
export async function readWindow(
  logs: LogParts,
  { prefix, isWhole }: LogPlace,
  wanted: Wanted,
): Promise<LogWindow> {
  const chain = chainOf(await logs.parts(prefix));
  const size = sizeOf(chain);
  const isForward = "from" in wanted;
  const end = isForward ? Math.min(wanted.from + WINDOW_BYTES, size) : Math.min(wanted.before ?? size, size);
  const start = isForward ? Math.min(wanted.from, size) : Math.max(0, end - WINDOW_BYTES);
  const bytes = await readRange(logs, prefix, chain, start, end);
  const skip = isForward || start === 0 ? 0 : lineStart(bytes);
  // What is cut in a character comes with the next window; at the end of a whole log it is as it is.
  const isLast = start + bytes.length >= size && isWhole;
  const keep = isLast || !isForward ? bytes.length : wholeCharacters(bytes);
  return {
    text: bytes.subarray(skip, keep).toString("utf8"),
    ...{ from: start + skip, to: start + keep, size, isWhole },
  };
}

/** The bytes from `start`, before `end`; fewer where a part has gone meanwhile. */
async function readRange(
  logs: LogParts,
  prefix: string,
  chain: readonly LogPart[],
  start: number,
  end: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let at = start;
  for (const { offset, bytes } of chain) {
    if (at >= end) break;
    if (offset + bytes <= at) continue;
    const source = await logs.part(prefix, offset, at - offset);
    if (source === null) break;
    for await (const piece of source as AsyncIterable<Buffer>) {
      pieces.push(piece.subarray(0, end - at));
      at += Math.min(piece.length, end - at);
      // Leaving the loop ends the answer of S3, whatever is left of it.
      if (at >= end) break;
    }
  }
  return Buffer.concat(pieces);
}

/** Where the first line begins that begins in these bytes; 0: none does. */
function lineStart(bytes: Buffer): number {
  const newline = bytes.indexOf(NEWLINE);
  return newline < 0 || newline + 1 >= bytes.length ? 0 : newline + 1;
}

/** The length without the bytes of a character that goes on behind them. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
