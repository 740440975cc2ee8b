import { mkdirSync, readFileSync } from "node:fs";
import { runCommand } from "../../../system/command.js";

const LIMIT = { timeoutSeconds: 20 } as const;

/** Mount points at or below `folder` in this process's mount namespace, the innermost first. */
export function mountsBelow(folder: string): string[] {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    // The kernel writes space, tab, newline and backslash as octal escapes.
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
  return points.filter((path) => path === folder || path.startsWith(`${folder}/`)).reverse();
}

/** Mounts a squashfs read-only. Does nothing if something is mounted there. */
export async function mountImage(squashfs: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (mountsBelow(folder).length > 0) return;
  await runCommand(["mount", "-t", "squashfs", "-o", "loop,ro", squashfs, folder], LIMIT);
}

/** Mounts an empty file system of `megabytes` in memory, which can become full. Does nothing if something is mounted there. */
export async function mountSmall(folder: string, megabytes: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (mountsBelow(folder).length > 0) return;
  await runCommand(["mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "small", folder], LIMIT);
}

/** Unmounts everything at or below `folder`, even what is in use. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder)) await runCommand(["umount", "--lazy", path], LIMIT);
}
