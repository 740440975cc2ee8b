import { crc32 } from "node:zlib";

/*
 * The file of what Node.js has compiled of the command: the number of bytes of a list, in eight digits; the list, JSON; then the parts' compiled code,
 * one after the other. V8 does not look whether what it is given is whole, and ends the process where it is not: so each part has a checksum.
 */

/** Where a part's compiled code is in the file. */
export interface StoredPart {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  readonly crc: number;
}

/** What is compiled of one part. */
export interface CompiledPart {
  readonly name: string;
  readonly code: Uint8Array;
}

export const LENGTH_DIGITS = 8;
/** More of a command than there is. */
export const MAX_STORE_BYTES = 64 * 1_048_576;

/** The file for this key, which says what the code is of. Pure. */
export function renderStore(key: string, parts: readonly CompiledPart[]): Buffer {
  let at = 0;
  const listed = parts.map(({ name, code }) => {
    const place = [name, at, code.length, crc32(code)];
    at += code.length;
    return place;
  });
  const list = Buffer.from(JSON.stringify({ key, parts: listed }));
  const length = String(list.length).padStart(LENGTH_DIGITS, "0");
  return Buffer.concat([Buffer.from(length), list, ...parts.map(({ code }) => code)]);
}

/** The length of a file's list, by its first digits; null: it is no such file. Pure. */
export const listBytes = (digits: string): number | null => (/^\d{8}$/.test(digits) ? Number(digits) : null);

/** The parts that a file with this list has, by name; nothing where it is of another key, or no list. Pure. */
export function parseList(text: string, key: string): ReadonlyMap<string, StoredPart> {
  try {
    const list = JSON.parse(text) as {
      readonly key: unknown;
      readonly parts: readonly [string, number, number, number][];
    };
    if (list.key !== key) return new Map();
    const start = LENGTH_DIGITS + Buffer.byteLength(text);
    return new Map(list.parts.map(([name, at, bytes, crc]) => [name, { name, at: start + at, bytes, crc }]));
  } catch {
    return new Map();
  }
}

/** Whether these bytes are what was stored. Pure. */
export const isWhole = (code: Uint8Array, { bytes, crc }: StoredPart): boolean =>
  code.length === bytes && crc32(code) === crc;
