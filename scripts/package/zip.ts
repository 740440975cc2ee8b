import { type Zippable, zipSync } from "fflate";

/** A file to be packed. */
export interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
}

const UNIX = 3;
const REGULAR_FILE = 0o100000;
/** The format's first moment, in the local time that the format has: no packing's time is in the bytes. */
const EPOCH = new Date(1980, 0, 1);

/**
 * A ZIP of the entries in their order; the same entries give the same bytes, also under another Node.js: fflate compresses
 * by itself, and not by the zlib that a Node.js comes with. Without ZIP64: below 4 GB and 65,535 files.
 */
export function zip(entries: readonly ZipEntry[], level: 1 | 9 = 9): Uint8Array {
  const files = entries.map(({ name, content, isExecutable }): [string, Zippable[string]] => {
    const mode = REGULAR_FILE | (isExecutable ? 0o755 : 0o644);
    // Unix keeps the mode in the upper half of the external attributes.
    return [name, [content, { level, mtime: EPOCH, os: UNIX, attrs: mode * 0x10000 }]];
  });
  return zipSync(Object.fromEntries(files));
}
