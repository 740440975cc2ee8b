import { mkdir, readFile } from "node:fs/promises";
import type { Logger } from "pino";
import type { Clock } from "../clock.js";
import { SHARED_ROOT } from "../contract/names.js";
import { AgentError, reasonOf } from "../errors.js";
import { run } from "./run.js";

const MOUNT_TIMEOUT_MS = 60_000;
const RETRY_MS = 3_000;
const WATCH_MS = 15_000;

/** Whether something is mounted exactly at `path`, from the text of /proc/self/mountinfo. */
export function isMountPoint(mountinfo: string, path: string): boolean {
  return mountinfo.split("\n").some((line) => line.split(" ")[4] === path);
}

/** Whether the shared file system is mounted on this node. */
export async function isSharedMounted(): Promise<boolean> {
  return isMountPoint(await readFile("/proc/self/mountinfo", "utf8"), SHARED_ROOT);
}

async function mountShared(fileSystemId: string, accessPointId: string): Promise<void> {
  if (await isSharedMounted()) return;
  await mkdir(SHARED_ROOT, { recursive: true });
  const options = `tls,iam,accesspoint=${accessPointId}`;
  await run("mount", ["-t", "efs", "-o", options, `${fileSystemId}:/`, SHARED_ROOT], MOUNT_TIMEOUT_MS);
}

/**
 * Keeps /shared mounted until `signal` aborts. Resolves after the first attempt, whatever came of it: a node without
 * its file system is unready and says so, which helps more than a program that exits again and again.
 */
export async function keepSharedMounted(
  ids: { readonly fileSystemId: string; readonly accessPointId: string },
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  let reported: string | null = null;
  const attempt = async (): Promise<number> => {
    try {
      await mountShared(ids.fileSystemId, ids.accessPointId);
      reported = null;
      return WATCH_MS;
    } catch (error) {
      const failure = new AgentError("shared_mount_failed", reasonOf(error), error);
      // Tried every few seconds, told once: the console must stay readable.
      if (failure.message !== reported)
        log.error({ code: failure.code, hint: failure.hint }, failure.message);
      reported = failure.message;
      return RETRY_MS;
    }
  };
  const watch = async (firstDelayMs: number) => {
    for (let delayMs = firstDelayMs; !signal.aborted; delayMs = await attempt())
      await clock.sleep(delayMs, signal);
  };
  void watch(await attempt());
}
