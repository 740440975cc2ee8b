import { open, readFile, rename, rm } from "node:fs/promises";

/** The hostfile on the shared file system. Readers see the old text or the new one, never a part. */
export interface HostfileFile {
  readonly path: string;
  /** The text, or null where there is no hostfile. */
  read(): Promise<string | null>;
  /** Replaces the text in one step, on disk when it resolves; null removes the file. May run again after a failure. */
  write(text: string | null): Promise<void>;
}

/** `writer` tells writers apart, so that one that was head before can't spoil the temporary file of the next. */
export function openHostfile(path: string, writer: string): HostfileFile {
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
