import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";

const CHUNK_BYTES = 65_536;
/** What a shell has opened for this process, such as `<(...)`: it has a writer. */
const OF_THE_SHELL = /^\/(dev\/fd|proc\/self\/fd)\/\d+$|^\/dev\/stdin$/;

/**
 * The bytes of a file, or null where it has more than `maxBytes`: no more is read, however large it is. What may have no end, or no begin, is
 * refused: a named pipe, a device, a socket. Throws as node:fs does.
 */
export function readAtMost(file: string, maxBytes: number): Uint8Array | null {
  const look = statSync(file);
  const problem = kindProblem(look, file);
  if (problem !== null) throw Object.assign(new Error(problem), { code: "EINVAL" });
  const descriptor = openSync(file, "r");
  try {
    const chunks: Buffer[] = [];
    // Nearly always all of it: one chunk, which is not copied.
    let wanted = look.size + 1;
    let left = maxBytes + 1;
    while (left > 0) {
      const chunk = Buffer.alloc(Math.min(left, wanted));
      const count = readSync(descriptor, chunk);
      if (count === 0) return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      left -= count;
      wanted = CHUNK_BYTES;
    }
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/** As readAtMost; throws also where the file has more. Such an error has the code ERR_FS_FILE_TOO_LARGE, as Node.js's own. */
export function readWhole(file: string, maxBytes: number): Uint8Array {
  const bytes = readAtMost(file, maxBytes);
  if (bytes !== null) return bytes;
  throw Object.assign(new Error(`it has more than ${maxBytes} bytes`), { code: "ERR_FS_FILE_TOO_LARGE" });
}

/** A folder is left to the read, which says EISDIR. */
function kindProblem(look: Stats, file: string): string | null {
  const isRead = look.isFile() || look.isDirectory() || (look.isFIFO() && OF_THE_SHELL.test(file));
  if (isRead) return null;
  const kind = look.isFIFO() ? "a named pipe" : look.isSocket() ? "a socket" : "a device";
  return `it is ${kind}, and not a file`;
}
