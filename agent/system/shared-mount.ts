import { readFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "pino";
import type { AgentConfig } from "../contract/agent-config.js";
import { AGENTS_ROOT, ORG_SHARED_ROOT, SHARED_ROOT } from "../contract/names.js";
import { notebookHome } from "../contract/notebook.js";
import { AgentError, reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import { run } from "./run.js";

/** The agent's own folder on this node's disk. */
const STATE_ROOT = dirname(AGENTS_ROOT);
const MOUNT_TIMEOUT_MS = 60_000;
const RETRY_MS = 3_000;
const WATCH_MS = 15_000;

/** Whether something is mounted exactly at `path`, from the text of /proc/self/mountinfo. */
export function isMountPoint(mountinfo: string, path: string): boolean {
  return mountinfo.split("\n").some((line) => line.split(" ")[4] === path);
}

/** Whether something is mounted at `path` on this node. It waits for the file: that is in memory, and the thread pool would take ten times as long. */
export function isMounted(path: string): boolean {
  return isMountPoint(readFileSync("/proc/self/mountinfo", "utf8"), path);
}

/** One folder of a file system, and where nodes mount it. */
interface Mount {
  readonly fileSystemId: string;
  readonly accessPointId: string;
  readonly path: string;
}

/** Mounts it unless something is mounted there. Its parent must be a folder that only root may write. */
export async function mountEfs({ fileSystemId, accessPointId, path }: Mount): Promise<void> {
  if (isMounted(path)) return;
  // Only root may enter: the file system treats every process that reaches a mount as the access point's user.
  await mkdir(STATE_ROOT, { recursive: true, mode: 0o700 });
  await chmod(STATE_ROOT, 0o700);
  await mkdir(path, { recursive: true });
  const options = `tls,iam,nosuid,nodev,accesspoint=${accessPointId}`;
  await run("mount", ["-t", "efs", "-o", options, `${fileSystemId}:/`, path], MOUNT_TIMEOUT_MS);
}

/** What a node mounts, according to its configuration. */
function mountsOf(config: SharedConfig): readonly Mount[] {
  const { fileSystemId, accessPointId, agentsAccessPointId, orgAccessPointId, notebook } = config;
  return [
    { fileSystemId, accessPointId, path: SHARED_ROOT },
    { fileSystemId, accessPointId: agentsAccessPointId, path: AGENTS_ROOT },
    ...(orgAccessPointId === undefined
      ? []
      : [{ fileSystemId, accessPointId: orgAccessPointId, path: ORG_SHARED_ROOT }]),
    ...(notebook === undefined
      ? []
      : [{ fileSystemId, accessPointId: notebook.homeAccessPointId, path: notebookHome(notebook.name) }]),
  ];
}

type SharedConfig = Pick<
  AgentConfig,
  "fileSystemId" | "accessPointId" | "agentsAccessPointId" | "orgAccessPointId" | "notebook"
>;

/**
 * Keeps the cluster's folders mounted until `signal` aborts. Resolves after the first attempt, whatever came of it: a node
 * without its file system is unready and says so, which helps more than a program that exits again and again.
 */
export async function keepSharedMounted(
  config: SharedConfig,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(mountsOf(config).map((mount) => keepMounted(mount, clock, log, signal)));
}

async function keepMounted(mount: Mount, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  const loop = createLoop({
    step: async () => {
      await mountEfs(mount);
      return WATCH_MS;
    },
    retryMs: RETRY_MS,
    onOutage: (error) => {
      const failure = new AgentError("shared-mount-failed", `${mount.path}: ${reasonOf(error)}`, error);
      log.error({ code: failure.code, hint: failure.hint }, failure.message);
    },
    clock,
  });
  signal.addEventListener("abort", () => void loop.stop());
  await loop.start();
}
