import { rename, writeFile } from "node:fs/promises";

/** Renamed into place: a program that starts it meanwhile finds the complete old file or the complete new one. */
export async function replaceFile(file: string, content: Uint8Array, mode: number): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, content, { mode });
  await rename(fresh, file);
}
