import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CloudPlaces } from "../hosts/cloud.js";
import { cgroupPath, inCgroup, killCgroup, makeCgroup, waitUntilEmpty } from "../hosts/system/cgroup.js";

/** What lan/main.ts prints once both addresses answer. */
export const LAN_READY_LINE = "the LAN's services listen";
const READY_TIMEOUT_MS = 30_000;

export interface LanOptions {
  readonly cloud: CloudPlaces;
  /** The project's root. */
  readonly projectFolder: string;
  /** The unix socket of the gateway. */
  readonly gatewaySocket: string;
  readonly region: string;
  /** Its output is appended there. */
  readonly logFile: string;
}

/** The running process of the LAN's services. `stop` may be called twice. */
export interface RunningLan {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts metadata service and AWS endpoint inside the LAN's network namespace (which has to be there: Hosts.prepare),
 * in the cloud's cgroup. Resolves when they listen. It ends with this process.
 */
export async function startLan(options: LanOptions): Promise<RunningLan> {
  const cgroup = cgroupPath(options.cloud.cgroup, "lan");
  makeCgroup(cgroup);
  const main = join(options.projectFolder, "scripts/local/lan/main.ts");
  const service = [process.execPath, "--import", "tsx", main];
  const flags = ["--gateway-socket", options.gatewaySocket, "--region", options.region];
  // nsenter, not `ip netns exec`: that one hides the machine's cgroups.
  const enter = ["nsenter", `--net=/run/netns/${options.cloud.netns}`, "--", ...service, ...flags];
  const [program, ...rest] = inCgroup(cgroup, enter);
  const child = spawn(program, rest, {
    cwd: options.projectFolder,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const log = createWriteStream(options.logFile, { flags: "a" });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = async (): Promise<void> => {
    killCgroup(cgroup);
    await waitUntilEmpty(cgroup, 5000);
    await ended;
  };
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === LAN_READY_LINE) resolve(true);
    });
    ended.then(() => resolve(false));
    setTimeout(() => resolve(false), READY_TIMEOUT_MS).unref();
  });
  if (await ready) return { ended, stop };
  await stop();
  throw new Error(
    `The LAN's services did not come up within ${READY_TIMEOUT_MS / 1000} s; see ${options.logFile}.`,
  );
}
