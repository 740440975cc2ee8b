import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/*
 * A log in the bucket: the output of one attempt, byte for byte, in parts that are stored while it grows, and at its end a
 * manifest that proves them. A part is numbered by the offset of its first byte. So its name says what it holds, whichever head has
 * stored it, and the next part of a log of which N bytes are known is part N. A part that is stored never changes.
 */

/** The most that a part holds. */
export const PART_BYTES = 8_388_608;
/** 10 TB: beyond it a name would not sort by its offset. */
const OFFSET_DIGITS = 13;
const PART_NAME = /^part-(\d{13})$/;
const MANIFEST_NAME = "manifest.json";

/** `prefix` is that of the attempt: see attemptLogPrefix. */
export const partKey = (prefix: string, offset: number): string =>
  `${prefix}part-${String(offset).padStart(OFFSET_DIGITS, "0")}`;
export const manifestKey = (prefix: string): string => `${prefix}${MANIFEST_NAME}`;
/** The prefix of the parts that a manifest at `key` is about; null: no manifest has that key. */
export const prefixOfManifest = (key: string): string | null =>
  key.endsWith(`/${MANIFEST_NAME}`) ? key.slice(0, -MANIFEST_NAME.length) : null;

/** A part of a log: `bytes` bytes from `offset` on. */
export interface LogPart {
  readonly offset: number;
  readonly bytes: number;
}

/** The offset of the part with this key; null: it is no part of the prefix. */
export function offsetOfPart(prefix: string, key: string): number | null {
  const digits = key.startsWith(prefix) ? PART_NAME.exec(key.slice(prefix.length))?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

/**
 * The parts that follow each other without a gap from `from` on, of those in any order. What is left out is behind a gap, or
 * was stored by a head that had lost its cluster, and cut the output elsewhere.
 */
export function chainOf<T extends LogPart>(parts: readonly T[], from = 0): readonly T[] {
  const byOffset = new Map(parts.filter(({ bytes }) => bytes > 0).map((part) => [part.offset, part]));
  const chain: T[] = [];
  for (let part = byOffset.get(from); part !== undefined; part = byOffset.get(part.offset + part.bytes))
    chain.push(part);
  return chain;
}

const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** `manifest.json`: the log is whole. Checksums are hex; the parts follow each other; `exitCode` is the attempt's. */
export const LogManifest = Type.Object({
  job: Type.String(),
  attempt: Type.Integer({ minimum: 1 }),
  parts: Type.Array(Type.Object({ key: Type.String(), bytes: Type.Integer({ minimum: 1 }), sha256: Sha256 })),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  truncated: Type.Literal(false),
});
export type LogManifest = Static<typeof LogManifest>;

/** The manifest in `text`, found at `key`, or what is wrong with it, in words. Pure. */
export function parseManifest(text: string, key: string): LogManifest | string {
  const prefix = prefixOfManifest(key);
  const value = fromJson(text);
  if (prefix === null || !Value.Check(LogManifest, value)) return "it is not a manifest";
  let offset = 0;
  for (const part of value.parts) {
    if (part.key !== partKey(prefix, offset))
      return `it names ${part.key} where ${partKey(prefix, offset)} follows`;
    offset += part.bytes;
  }
  return offset === value.bytes ? value : `its parts have ${offset} bytes, and not ${value.bytes}`;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
