import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 65_536;

/**
 * The bytes of a file, or null where it has more than `maxBytes`: no more is read, however large it is, or without an end.
 * Throws as node:fs does.
 */
export function readAtMost(file: string, maxBytes: number): Uint8Array | null {
  const descriptor = openSync(file, "r");
  try {
    const chunks: Buffer[] = [];
    let left = maxBytes + 1;
    while (left > 0) {
      const chunk = Buffer.alloc(Math.min(left, CHUNK_BYTES));
      const count = readSync(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
    return null;
  } finally {
    closeSync(descriptor);
  }
}
