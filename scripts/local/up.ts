import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "../../agent/system/processes.js";
import { buildImage } from "../image/build.js";
import { waitFor } from "../system/wait.js";
import { type CloudPlaces, cloudPlaces } from "./hosts/cloud.js";
import type { Sizes } from "./hosts/hosts.js";
import { leftoversOf, sweepCloud } from "./hosts/sweep.js";
import { cgroupPath, inCgroup, makeCgroup } from "./hosts/system/cgroup.js";
import { openLimits } from "./limits/limits.js";
import { identifyProcess, isAlive } from "./process-identity.js";
import { type CloudState, DEFAULT_CLOUD, DEFAULT_REGION, daemonLogPath, readRunning } from "./state.js";

export interface UpOptions {
  /** Default "default". */
  readonly name?: string;
  /** The one region whose instances get nodes; default us-east-1. */
  readonly region?: string;
  /** How many nodes it will have, if known: it does not start if the machine can't run that many. */
  readonly nodes?: number;
  /** Of a cloud that does not run yet. */
  readonly sizes?: Sizes;
  readonly projectRoot: string;
  readonly say: (line: string) => void;
}

/** A running cloud, and whether it already ran. */
export interface CloudUp extends CloudState {
  readonly alreadyRan: boolean;
}

/** Longer than its emulator may take. */
const START_TIMEOUT_SECONDS = 150;
const SHOWN_LOG_CHARS = 2000;

/**
 * Starts the local cloud, after building the node image if the cache has none; gives it once everything answers. One
 * that runs already is left as it is. What a killed one left behind is removed first. The agent has to be built
 * (`npm run build`). Bounded; on failure nothing is left running.
 */
export async function cloudUp(options: UpOptions): Promise<CloudUp> {
  const { name = DEFAULT_CLOUD, region = DEFAULT_REGION, nodes = 0, sizes = {}, projectRoot, say } = options;
  const cloud = cloudPlaces(name);
  const running = readRunning(name);
  if (running !== null) {
    await claimLimits(cloud, nodes);
    return { ...running, alreadyRan: true };
  }
  await buildImage(projectRoot, say);
  const starter = readStarter(cloud);
  if (starter !== null) throw alreadyStarting(name, starter);
  const left = leftoversOf(cloud);
  if (left.length > 0) {
    say(`local cloud "${name}": removing what an earlier one left (${left.length} things)`);
    await sweepCloud(cloud);
  }
  const startedAtMs = Date.now();
  claimFolder(cloud);
  try {
    await claimLimits(cloud, nodes);
  } catch (error) {
    await sweepCloud(cloud);
    throw error;
  }
  const state = await waitUntilUp(cloud, startDaemon(cloud, { region, sizes, projectRoot }));
  say(
    `local cloud "${name}": up at ${state.endpointUrl} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`,
  );
  return { ...state, alreadyRan: false };
}

/** Only raises the claim: the daemon may have claimed for existing nodes. */
async function claimLimits({ folder }: CloudPlaces, nodes: number): Promise<void> {
  const limits = openLimits();
  if (nodes > limits.claimed(folder)) await limits.claim(folder, nodes);
}

/** The process that is starting the cloud: the file exists from the folder's creation until the cloud is up. */
const starterPath = (cloud: CloudPlaces): string => join(cloud.folder, "starting.json");

function readStarter(cloud: CloudPlaces): ProcessIdentity | null {
  const path = starterPath(cloud);
  if (!existsSync(path)) return null;
  const starter = JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
  return isAlive(starter) ? starter : null;
}

const alreadyStarting = (name: string, starter: ProcessIdentity | null): Error =>
  new Error(
    `The local cloud "${name}" is being started by process ${starter?.pid ?? "unknown"}. Wait, then check its status.`,
  );

/** The lock: a rename to the cloud's folder works only while that does not exist, so one of two concurrent starts fails here. */
function claimFolder(cloud: CloudPlaces): void {
  const claim = `${cloud.folder}.starting-${process.pid}`;
  mkdirSync(claim, { recursive: true });
  writeFileSync(join(claim, "starting.json"), JSON.stringify(identifyProcess(process.pid)));
  try {
    renameSync(claim, cloud.folder);
  } catch {
    rmSync(claim, { recursive: true });
    throw alreadyStarting(cloud.name, readStarter(cloud));
  }
}

/** Starts it detached, and in the cloud's cgroup before its first line runs, so that a sweep always finds it. Gives its pid. */
function startDaemon(
  cloud: CloudPlaces,
  { region, sizes, projectRoot }: { region: string; sizes: Sizes; projectRoot: string },
): number {
  const cgroup = cgroupPath(cloud.cgroup, "daemon");
  makeCgroup(cgroup);
  const log = openSync(daemonLogPath(cloud), "a");
  const daemon = [process.execPath, "--import", "tsx", join(projectRoot, "scripts/local/daemon.ts")];
  const args = [...daemon, "--name", cloud.name, "--region", region];
  for (const [name, megabytes] of Object.entries({ "disk-mb": sizes.diskMb, "files-mb": sizes.filesMb })) {
    if (megabytes !== undefined) args.push(`--${name}`, String(megabytes));
  }
  const [program, ...rest] = inCgroup(cgroup, args);
  const child = spawn(program, rest, {
    cwd: projectRoot,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error("The local cloud's daemon could not be started.");
  return child.pid;
}

async function waitUntilUp(cloud: CloudPlaces, pid: number): Promise<CloudState> {
  try {
    const { state } = await waitFor({
      what: `the local cloud "${cloud.name}" to answer`,
      timeoutSeconds: START_TIMEOUT_SECONDS,
      everyMs: 100,
      look: async () => ({ state: readRunning(cloud.name), isGone: identifyProcess(pid) === null }),
      isDone: ({ state, isGone }) => state !== null || isGone,
      describe: () => "its daemon is starting",
    });
    if (state !== null) {
      rmSync(starterPath(cloud));
      return state;
    }
    throw new Error(`The local cloud "${cloud.name}" did not start.`);
  } catch (error) {
    const log = daemonLogPath(cloud);
    const said = existsSync(log) ? readFileSync(log, "utf8").trim().slice(-SHOWN_LOG_CHARS) : "";
    await sweepCloud(cloud);
    throw new Error(`${(error as Error).message}\n${said}`);
  }
}
