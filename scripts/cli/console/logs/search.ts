import { chainOf } from "../../../../agent/contract/log-parts.js";
import type { Logs } from "../../core/ports.js";
import type { LogMatches } from "../api.js";
import { sizeOf } from "./window.js";

/** In one answer; the page asks on. */
const MOST_MATCHES = 50;
const MOST_BYTES = 67_108_864;
/** What is shown of a line, before and after the match. */
const AROUND_BYTES = 160;
const NEWLINE = 10;

/**
 * Where the log has this text, byte for byte, from `from` on. It reads part after part, and keeps no more than a piece of one. The matches
 * of one line are one.
 */
export async function searchLog(
  logs: Pick<Logs, "part" | "parts">,
  prefix: string,
  text: string,
  from: number,
): Promise<LogMatches> {
  const chain = chainOf(await logs.parts(prefix));
  const size = sizeOf(chain);
  const sight = createSight(Buffer.from(text), from, size);
  for (const { offset, bytes } of chain) {
    if (offset + bytes <= sight.end()) continue;
    const source = await logs.part(prefix, offset, sight.end() - offset);
    if (source === null) break;
    for await (const piece of source as AsyncIterable<Buffer>) {
      sight.look(piece);
      const isEnough = sight.matches.length >= MOST_MATCHES || sight.end() - from >= MOST_BYTES;
      if (isEnough && sight.end() < size) return { matches: sight.matches, next: sight.cursor(), size };
    }
  }
  return { matches: sight.matches, next: null, size };
}

/** The bytes that are looked at: a piece, with what of the one before it a match may begin in. */
function createSight(needle: Buffer, from: number, size: number) {
  const matches: { at: number; line: string }[] = [];
  let seen: Buffer = Buffer.alloc(0);
  let base = from;
  let cursor = from;

  function keep(index: number): void {
    const newline = seen.indexOf(NEWLINE, index);
    const lineEnd = newline < 0 ? seen.length : newline;
    const first = Math.max(seen.lastIndexOf(NEWLINE, index) + 1, index - AROUND_BYTES);
    const last = Math.min(lineEnd, index + needle.length + AROUND_BYTES);
    matches.push({ at: base + first, line: seen.subarray(first, last).toString("utf8") });
    cursor = base + (newline < 0 ? index + needle.length : newline + 1);
  }

  return {
    matches,
    cursor: () => cursor,
    end: () => base + seen.length,
    look(piece: Buffer): void {
      seen = Buffer.concat([seen, piece]);
      const isLast = base + seen.length >= size;
      // What is near the end is looked at with the next piece, so that a match and its line are whole.
      const limit = isLast ? seen.length : Math.max(0, seen.length - needle.length - AROUND_BYTES);
      for (;;) {
        const index = seen.indexOf(needle, cursor - base);
        if (index < 0 || index >= limit) break;
        keep(index);
      }
      cursor = Math.max(cursor, base + limit);
      const keptFrom = Math.max(0, cursor - base - AROUND_BYTES);
      seen = seen.subarray(keptFrom);
      base += keptFrom;
    },
  };
}
