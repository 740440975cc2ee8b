import type { FileHandle } from "node:fs/promises";
import type { AttemptId } from "../jobs/ports.js";
import type { Outputs } from "../logs/ports.js";

/** How much is read at once, and how long the event loop is kept by its checksums: 1 ms. */
const PIECE_BYTES = 262_144;

/**
 * The outputs that `open` opens. Each call opens the file anew, for that is when a network file system looks at what other nodes
 * have written.
 */
export function createOutputs(open: (of: AttemptId) => Promise<FileHandle | null>): Outputs {
  /** Null where there is no file, or it is removed meanwhile: the log was delivered. */
  async function opened<T>(of: AttemptId, work: (file: FileHandle) => Promise<T>): Promise<T | null> {
    const file = await open(of);
    if (file === null) return null;
    try {
      return await work(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESTALE") return null;
      throw error;
    } finally {
      await file.close();
    }
  }

  const gone = ({ jobId, attempt }: AttemptId) =>
    new Error(`the output of ${jobId}, attempt ${attempt}, is gone`);

  return {
    measure: (of) => opened(of, async (file) => (await file.stat()).size),
    flush: async (of) => void (await opened(of, (file) => file.datasync())),
    async scan(of, from, to, see) {
      const isThere = await opened(of, async (file) => {
        const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, to - from));
        for (let at = from; at < to; ) {
          const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - at), at);
          if (bytesRead === 0) throw new Error(`the output ends at byte ${at}, and not at ${to}`);
          see(buffer.subarray(0, bytesRead));
          at += bytesRead;
        }
        return true;
      });
      if (isThere === null) throw gone(of);
    },
    async *pieces(of, from, to) {
      const file = await open(of);
      if (file === null) throw gone(of);
      try {
        const options = { start: from, end: to - 1, highWaterMark: PIECE_BYTES, autoClose: false };
        yield* file.createReadStream(options) as AsyncIterable<Buffer>;
      } finally {
        await file.close();
      }
    },
    read: (of, offset, maxBytes) =>
      opened(of, async (file) => {
        const { size: total } = await file.stat();
        const length = Math.max(0, Math.min(maxBytes, total - offset));
        const buffer = Buffer.allocUnsafe(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        return { bytes: buffer.subarray(0, bytesRead), total };
      }),
  };
}
