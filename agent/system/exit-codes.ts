import { type FileHandle, open, readFile } from "node:fs/promises";
import type { OwnExitCode } from "../jobs/ports.js";
import { unlessMissing } from "./unless-missing.js";

/** Makes the file that an attempt's exit code goes to on the node's own disk, under the attempt's number. The caller closes it. */
export async function openExitCode(path: string, attempt: number): Promise<FileHandle> {
  const file = await open(path, "w", 0o600);
  await file.write(`${attempt}\n`);
  return file;
}

/** What is in it; null: there is no file, or no exit code in it yet. */
export async function readExitCode(path: string): Promise<OwnExitCode | null> {
  const text = await readFile(path, "latin1").catch(unlessMissing);
  const [, attempt, exitCode] = /^(\d+)\n(\d{1,3})\n$/.exec(text ?? "") ?? [];
  return exitCode === undefined ? null : { attempt: Number(attempt), exitCode: Number(exitCode) };
}
