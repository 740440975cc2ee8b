import { open, readFile, rename, rm } from "node:fs/promises";
import type { HostfilePort } from "../head/hostfile-writer.js";

/**
 * The hostfile on the shared file system. Readers see the old text or the new one, never a part; a write is on disk when
 * it resolves, and may run again after a failure. `writer` tells writers apart, so that one that was head before can't
 * spoil the temporary file of the next.
 */
export function openHostfile(path: string, writer: string): HostfilePort {
  const temporary = `${path}.${writer}.tmp`;
  return {
    path,
    async read() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    async write(text) {
      if (text === null) return rm(path, { force: true });
      const file = await open(temporary, "w", 0o644);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    },
  };
}
