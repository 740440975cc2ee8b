import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes the whole file or nothing: a reader never sees half of it. May run concurrently. */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

/** Moves a finished folder to its place; if another process was faster, keeps that one's. */
export async function renameUnlessThere(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to).catch((error: Error) => {
    if (!existsSync(to)) throw error;
  });
}
