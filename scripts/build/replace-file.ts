import { rename, writeFile } from "node:fs/promises";

/** Renamed into place: a program that starts it meanwhile finds the old one or the new one, whole. */
export async function replaceFile(file: string, content: Uint8Array, mode: number): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, content, { mode });
  await rename(fresh, file);
}
