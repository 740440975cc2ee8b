import { constants } from "node:fs";
import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Look, waitUntil } from "../contract/wait.js";
import type { CgroupUsage } from "../launcher/launches.js";
import { systemClock } from "../time/clock.js";

/**
 * Groups of processes that only root can leave or empty: whatever a job does, what it has started is in its group. Each is
 * one cgroup below the agent's unit, which systemd delegates to it (`Delegate=yes`, `DelegateSubgroup=agent`).
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @see https://systemd.io/CGROUP_DELEGATION/
 */
export interface Cgroups {
  /** Makes the group `kind`/`id`, with the limits, unless it is there; gives its folder, for `confined`. */
  make(kind: CgroupKind, id: string): Promise<string>;
  /** The groups of that kind that there are. */
  ids(kind: CgroupKind): Promise<readonly string[]>;
  /** The processes in the group; none where there is no such group. */
  pids(kind: CgroupKind, id: string): Promise<readonly number[]>;
  /**
   * SIGKILL to every process of the group, at once, forks included, and then the group is removed. May run twice. Throws
   * when processes are left after 10 s.
   */
  empty(kind: CgroupKind, id: string): Promise<void>;
  /** What its processes have used since it was made; null: there is no such group. */
  usage(kind: CgroupKind, id: string): Promise<CgroupUsage | null>;
  /** Rejects, with the reason, where no group could be made for a job now. */
  verify(): Promise<void>;
  /** How often the kernel has killed a process of the group because its memory ran out; 0 if it does not count. */
  outOfMemoryKills(kind: CgroupKind, id: string): Promise<number>;
}

/** `job`: a job's mpiexec. `launch`: one proxy of Hydra with its ranks. `errand`: what the agent does as the job user. */
type CgroupKind = "job" | "launch" | "errand";

/** The limits of all processes of one group together. */
export interface CgroupLimits {
  readonly processes: number;
  readonly memoryBytes: number;
}

const CGROUP_ROOT = "/sys/fs/cgroup";
const EMPTY_TIMEOUT_MS = 10_000;
const POLL_MS = 10;

/** What stays for the system and the agent when a job uses all it may. */
const RESERVED_BYTES = 512 * 2 ** 20;
const RESERVED_SHARE = 0.05;
/** Enough for any job, far below what the kernel has numbers for (32,768 by default). */
const MAX_PROCESSES = 16_384;

/** The limits of a group on a machine with this much memory. */
export function cgroupLimits(machineMemoryBytes: number): CgroupLimits {
  const reserved = Math.max(
    RESERVED_SHARE * machineMemoryBytes,
    Math.min(RESERVED_BYTES, machineMemoryBytes / 4),
  );
  return { processes: MAX_PROCESSES, memoryBytes: Math.floor(machineMemoryBytes - reserved) };
}

/** The folder of the cgroup that systemd delegates to the agent, from the text of /proc/self/cgroup. */
export function delegatedFolder(procSelfCgroup: string, root: string = CGROUP_ROOT): string {
  const own = /^0::(\/.*\/agent)$/m.exec(procSelfCgroup)?.[1];
  if (own === undefined) {
    throw new Error(
      `the agent is not in a cgroup of its own below its unit (${procSelfCgroup.trim()}): the unit needs Delegate=yes and DelegateSubgroup=agent`,
    );
  }
  return join(root, dirname(own));
}

/** Opens the groups below `folder`, with the same limits for each. Controllers that the kernel does not offer limit nothing. */
export async function openCgroups(folder: string, limits: CgroupLimits): Promise<Cgroups> {
  const kinds: readonly CgroupKind[] = ["job", "launch", "errand"];
  const controllers = await offeredControllers(folder);
  await enable(folder, controllers);
  for (const kind of kinds) {
    await mkdir(join(folder, kind), { recursive: true });
    await enable(join(folder, kind), controllers);
  }
  const pathOf = (kind: CgroupKind, id: string) => join(folder, kind, id);

  async function pids(kind: CgroupKind, id: string): Promise<readonly number[]> {
    const text = await readFile(join(pathOf(kind, id), "cgroup.procs"), "utf8").catch(unlessGone);
    return (text ?? "").split("\n").filter(Boolean).map(Number);
  }

  return {
    async make(kind, id) {
      const path = pathOf(kind, id);
      await mkdir(path, { recursive: true });
      if (controllers.includes("pids")) await writeFile(join(path, "pids.max"), String(limits.processes));
      if (controllers.includes("memory")) {
        await writeFile(join(path, "memory.max"), String(limits.memoryBytes));
      }
      return path;
    },
    async ids(kind) {
      const entries = await readdir(join(folder, kind), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
    pids,
    async empty(kind, id) {
      const path = pathOf(kind, id);
      const look = async (): Promise<Look<void>> => {
        await writeFile(join(path, "cgroup.kill"), "1").catch(unlessGone);
        if (await isRemoved(path)) return { done: true, value: undefined };
        return { done: false, progress: `processes ${(await pids(kind, id)).join(", ") || "zombies"}` };
      };
      const times = { everyMs: POLL_MS, timeoutMs: EMPTY_TIMEOUT_MS, clock: systemClock };
      await waitUntil(`the processes of ${kind} ${id} to end by SIGKILL`, look, times);
    },
    async usage(kind, id) {
      const read = (name: string) => readFile(join(pathOf(kind, id), name), "utf8").catch(unlessGone);
      const [cpu, peak] = await Promise.all([read("cpu.stat"), read("memory.peak")]);
      return cpu === undefined ? null : usageOf(cpu, peak);
    },
    async verify() {
      await Promise.all(kinds.map((kind) => access(join(folder, kind, "cgroup.procs"), constants.W_OK)));
    },
    async outOfMemoryKills(kind, id) {
      const text = await readFile(join(pathOf(kind, id), "memory.events"), "utf8").catch(unlessGone);
      return Number(/^oom_kill (\d+)$/m.exec(text ?? "")?.[1] ?? 0);
    },
  };
}

async function offeredControllers(folder: string): Promise<readonly string[]> {
  const offered = (await readFile(join(folder, "cgroup.controllers"), "utf8")).trim().split(" ");
  return ["memory", "pids"].filter((name) => offered.includes(name));
}

async function enable(folder: string, controllers: readonly string[]): Promise<void> {
  if (controllers.length === 0) return;
  const text = controllers.map((name) => `+${name}`).join(" ");
  await writeFile(join(folder, "cgroup.subtree_control"), text);
}

/** Removes the cgroup; false while something is in it. */
async function isRemoved(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EBUSY") return false;
    if (code !== "ENOENT") throw error;
    return true;
  }
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENODEV") throw error;
}

/** From the texts of cpu.stat and memory.peak; the second is missing where the kernel does not count memory. Pure. */
export function usageOf(cpuStat: string, memoryPeak: string | undefined): CgroupUsage {
  const microseconds = Number(/^usage_usec (\d+)$/m.exec(cpuStat)?.[1] ?? 0);
  const peak = /^\d+$/.test(memoryPeak?.trim() ?? "") ? Number(memoryPeak) : null;
  return { peakMemoryBytes: peak, cpuSeconds: microseconds / 1e6 };
}
