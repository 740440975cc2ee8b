import type { Readable } from "node:stream";
import { chainOf, type LogPart } from "../../../agent/contract/log-parts.js";
import type { Logs } from "../core/ports.js";

const NEWLINE = 10;

/** Where to begin: a part, and how many of its bytes are left out. */
export interface LogStart {
  readonly partOffset: number;
  readonly skip: number;
}

/**
 * Where the last `lines` lines of the log begin, of the parts that are there. It reads the parts from the last one back, a piece at a
 * time, until there are so many lines; a log with fewer begins at its start.
 */
export async function tailStart(
  { logs, prefix }: { readonly logs: Pick<Logs, "part" | "parts">; readonly prefix: string },
  lines: number,
): Promise<LogStart> {
  const parts = chainOf(await logs.parts(prefix));
  const end = (parts.at(-1)?.offset ?? 0) + (parts.at(-1)?.bytes ?? 0);
  if (lines === 0) return { partOffset: end, skip: 0 };
  let missing = lines;
  for (const part of [...parts].reverse()) {
    const found = await lastNewlines(await logs.part(prefix, part.offset, 0), part, { end, count: missing });
    const [first] = found;
    if (first !== undefined && found.length === missing)
      return { partOffset: part.offset, skip: first + 1 - part.offset };
    missing -= found.length;
  }
  return { partOffset: 0, skip: 0 };
}

/** The offsets of the part's last `count` newlines, but for one that ends the log: no line follows it. */
async function lastNewlines(
  source: Readable | null,
  { offset }: LogPart,
  { end, count }: { readonly end: number; readonly count: number },
): Promise<readonly number[]> {
  const found: number[] = [];
  let at = offset;
  for await (const piece of (source ?? []) as AsyncIterable<Buffer>) {
    for (let index = piece.indexOf(NEWLINE); index >= 0; index = piece.indexOf(NEWLINE, index + 1)) {
      if (at + index + 1 === end) continue;
      found.push(at + index);
      if (found.length > 2 * count) found.splice(0, found.length - count);
    }
    at += piece.length;
  }
  return found.slice(-count);
}
