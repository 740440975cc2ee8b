import { randomUUID } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";

/** See World.writeFile. What a link names is replaced, not the link. */
export async function replaceText(path: string, text: string): Promise<void> {
  const target = realpathSync(path);
  const unnamed = `${target}.${randomUUID()}.new`;
  try {
    await writeFile(unnamed, text, { flag: "wx", mode: statSync(target).mode & 0o777 });
    await rename(unnamed, target);
  } catch (error) {
    await rm(unnamed, { force: true });
    throw error;
  }
}
