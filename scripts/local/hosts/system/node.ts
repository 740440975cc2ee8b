import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { waitFor } from "../../../system/wait.js";
import type { CloudPlaces } from "../cloud.js";
import { vethName } from "../cloud.js";
import { renderCpuinfo } from "../render.js";
import type { Instance } from "../view.js";
import { cgroupPath, isPopulated, killCgroup, makeCgroup, removeCgroup, waitUntilEmpty } from "./cgroup.js";

/** systemd as PID 1 takes this signal as "power off". */
const SIGNAL_POWEROFF = 38;
const POWEROFF_GRACE_SECONDS = 4;
const START_TIMEOUT_SECONDS = 60;

/** One node's own places. */
export interface NodePlaces {
  readonly folder: string;
  readonly root: string;
  readonly pidFile: string;
  readonly consoleLog: string;
  readonly cgroup: string;
  /** What it wrote on its own disk, above its image. */
  readonly written: string;
  /** The id of the image that it boots. */
  readonly imageFile: string;
  /** There while its instance is stopped. */
  readonly stoppedMark: string;
  /** There once its own system has powered it off. */
  readonly powerOffMark: string;
}

/** The places of an instance's node. Touches nothing. */
export function nodePlaces(cloud: CloudPlaces, instanceId: string): NodePlaces {
  if (!/^i-[0-9a-f]{8,32}$/.test(instanceId))
    throw new Error(`"${instanceId}" is not an instance id (i-...).`);
  const folder = join(cloud.nodes, instanceId);
  return {
    folder,
    root: join(folder, "root"),
    pidFile: join(folder, "pid"),
    consoleLog: join(folder, "console.log"),
    cgroup: cgroupPath(cloud.cgroup, instanceId),
    written: join(folder, "disk/upper"),
    imageFile: join(folder, "image-id"),
    stoppedMark: join(folder, "stopped"),
    powerOffMark: join(folder, "powered-off"),
  };
}

/** How a node is made. */
export interface BootOptions {
  /** The folder scripts/local/hosts/node. */
  readonly nodeScripts: string;
  /** The size of its own disk, in megabytes. Without it the disk is the machine's. */
  readonly diskMb?: number;
  /** What it boots: folders, the topmost first. */
  readonly layers: readonly string[];
}

/**
 * Starts the instance's node; resolves when its init runs (not yet booted). Fails with the end of its console when it
 * ends at once.
 */
export async function powerOn(
  cloud: CloudPlaces,
  instance: Instance,
  { nodeScripts, diskMb, layers }: BootOptions,
): Promise<void> {
  const places = nodePlaces(cloud, instance.id);
  for (const path of [places.pidFile, places.stoppedMark, places.powerOffMark]) rmSync(path, { force: true });
  // Left by the boot before, of an overlay whose writes were not synced: without it the disk can be mounted again.
  rmSync(join(places.folder, "disk/work/work/incompat"), { recursive: true, force: true });
  for (const name of ["disk", "root"]) mkdirSync(join(places.folder, name), { recursive: true });
  writeFileSync(join(places.folder, "cpuinfo"), renderCpuinfo(instance.cpu));
  writeFileSync(places.imageFile, instance.imageId);
  for (const name of ["supervisor", "node", "exec"]) makeCgroup(join(places.cgroup, name));
  // As any process of this machine, whatever the priority of what starts it.
  const ordinary = ["-n", String(-getPriority()), join(nodeScripts, "boot.sh")];
  const child = spawn("nice", ordinary, {
    detached: true,
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      SHELL: "/bin/sh",
      NODE_FOLDER: places.folder,
      NODE_CGROUP: places.cgroup,
      NODE_LAYERS: layers.join(":"),
      NODE_VPC: cloud.vpc,
      NODE_EFS: cloud.efs,
      NODE_DISK_MB: diskMb === undefined ? "" : String(diskMb),
      NODE_NETNS: cloud.netns,
      NODE_VETH: vethName(instance.id),
      NODE_ADDRESS: instance.address,
    },
  });
  const failed = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`its init ended with ${signal ?? `exit code ${code}`}.`));
  });
  child.unref();
  const over = new AbortController();
  const running = waitForInit(places, over.signal).catch((error: Error) => error.message);
  const problem = await Promise.race([failed, running]);
  over.abort();
  if (problem !== null) {
    throw new Error(`its node did not start: ${problem}\n${consoleTail(places)}`);
  }
}

/** Ends when systemd has made its own cgroups, or `over` aborts. */
async function waitForInit(places: NodePlaces, over: AbortSignal): Promise<null> {
  await waitFor({
    what: "systemd to run",
    timeoutSeconds: START_TIMEOUT_SECONDS,
    everyMs: 20,
    look: () => existsSync(join(places.cgroup, "node/init.scope")),
    isDone: (isThere) => isThere,
    describe: () => "no init.scope in its cgroup",
    signal: over,
  });
  return null;
}

/** Whether any process of the node runs. */
export const isPoweredOn = (places: NodePlaces): boolean => isPopulated(join(places.cgroup, "node"));

/** The node's PID 1 as this machine numbers it, or null when the node is off. */
export function initPid(places: NodePlaces): number | null {
  if (!isPoweredOn(places) || !existsSync(places.pidFile)) return null;
  const pid = Number(readFileSync(places.pidFile, "utf8"));
  try {
    // Another process may have this number now.
    const name = places.cgroup.split("/").slice(-2).join("/");
    return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(`/${name}/node`) ? pid : null;
  } catch {
    return null;
  }
}

/** Asks systemd to power off and waits a few seconds; then the power is cut. May run twice. */
export async function powerOff(places: NodePlaces): Promise<void> {
  const pid = initPid(places);
  if (pid !== null) {
    process.kill(pid, SIGNAL_POWEROFF);
    // Whether that was long enough or not: what is left is killed.
    await waitUntilEmpty(join(places.cgroup, "node"), POWEROFF_GRACE_SECONDS).catch(() => undefined);
  }
  killCgroup(places.cgroup);
  await waitUntilEmpty(places.cgroup);
}

/** Removes everything of a node except its console log, which EC2 keeps too. Its power must be off. May run twice. */
export async function removeNode(places: NodePlaces): Promise<void> {
  await removeCgroup(places.cgroup);
  for (const name of ["disk", "root", "cpuinfo", "pid", "image-id", "stopped", "powered-off"]) {
    rmSync(join(places.folder, name), { recursive: true, force: true });
  }
}

/** The console's last 2000 characters. */
function consoleTail(places: NodePlaces): string {
  return existsSync(places.consoleLog) ? readFileSync(places.consoleLog, "utf8").slice(-2000) : "";
}
