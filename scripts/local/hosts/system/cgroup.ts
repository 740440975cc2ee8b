import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../../system/wait.js";

const POLL_MS = 20;
/** Between SIGKILL and the end of its processes, which on a busy machine may have gigabytes of files in memory to give back first. */
const KILL_TIMEOUT_SECONDS = 30;

/** Where cgroup2 is mounted on this machine: /sys/fs/cgroup, or /sys/fs/cgroup/unified on hybrid ones. */
function cgroupRoot(): string {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const line = mounts.find((entry) => / - cgroup2 /.test(entry));
  const path = line?.split(" ")[4];
  if (path === undefined) throw new Error("No cgroup2 is mounted on this machine; local nodes need one.");
  return path;
}

/** The folder of the cgroup `names`; need not exist. */
export const cgroupPath = (...names: readonly string[]): string => join(cgroupRoot(), ...names);

/** Makes the cgroup and its parents. May run twice. */
export function makeCgroup(path: string): void {
  mkdirSync(path, { recursive: true });
}

/** `argv` as a program that moves itself into the cgroup (which must exist) before it does anything else. */
export const inCgroup = (path: string, argv: readonly string[]): readonly [string, ...string[]] => [
  "/bin/sh",
  "-c",
  'echo $$ >"$0/cgroup.procs"; exec "$@"',
  path,
  ...argv,
];

/** Whether any process is in the cgroup or below. */
export function isPopulated(path: string): boolean {
  try {
    return /^populated 1$/m.test(readFileSync(join(path, "cgroup.events"), "utf8"));
  } catch {
    return false;
  }
}

/** Waits until no process is left, for 30 s unless another time is given. Throws WaitTimeoutError. */
export async function waitUntilEmpty(path: string, timeoutSeconds = KILL_TIMEOUT_SECONDS): Promise<void> {
  await waitFor({
    what: `the processes in ${path} to end`,
    timeoutSeconds,
    everyMs: POLL_MS,
    look: () => isPopulated(path),
    isDone: (populated) => !populated,
    describe: () => "some run",
  });
}

/** SIGKILL to every process in the cgroup and below, frozen ones too. Nothing when there is none. */
export function killCgroup(path: string): void {
  if (existsSync(path)) writeFileSync(join(path, "cgroup.kill"), "1");
}

/** Freezes or thaws every process in the cgroup and below. */
export function setFrozen(path: string, isFrozen: boolean): void {
  writeFileSync(join(path, "cgroup.freeze"), isFrozen ? "1" : "0");
}

/** Kills what is in it, waits (5 s at most), and removes the tree. Nothing when there is none. */
export async function removeCgroup(path: string): Promise<void> {
  if (!existsSync(path)) return;
  killCgroup(path);
  await waitUntilEmpty(path);
  removeTree(path);
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  rmdirSync(path);
}
