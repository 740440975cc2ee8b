import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { JOB_USER } from "../contract/node-accounts.js";
import { userEnvironment } from "../jobs/user-environment.js";
import type { ProxyProcesses } from "../launcher/launches.js";
import type { Cgroups } from "./cgroups.js";
import { confined } from "./confined.js";
import { openProcessRecords } from "./process-records.js";
import { identityOf, isRunning, type ProcessIdentity, sendSignal } from "./processes.js";
import { createRankProcesses } from "./rank-processes.js";

/** Where a node remembers its proxies: gone after a reboot, as they are. */
const LAUNCH_RECORDS = "/run/muster/launches";
/**
 * Where proxies print. A job can get at its own proxy's open file, and write without an end: so this is on the disk, where
 * it can fill no more than it may anyway, and not in /run.
 */
const LAUNCH_OUTPUT = "/var/lib/muster/launches";

interface ProxyRecord extends ProcessIdentity {
  readonly argv: readonly string[];
}

/** In the environment of the proxy and so of its ranks, which report under it. */
const LAUNCH_ID_VARIABLE = "MUSTER_LAUNCH_ID";
const OUTPUT_BYTES = 4_096;

/**
 * Hydra's proxies on this node: each runs as the job user, in a session and a cgroup of its own, with a clean environment
 * (Hydra sends the ranks' from mpiexec), its own messages in a file, so that nothing ties it to the agent's life. What is in
 * the cgroup when the proxy has ended is killed. The unit needs `KillMode=process`.
 */
export function createProxyProcesses(
  cgroups: Cgroups,
  user: {
    readonly name: string;
    readonly uid: number;
    readonly gid: number;
    readonly home: string;
  } = JOB_USER,
  records: string = LAUNCH_RECORDS,
  outputs: string = LAUNCH_OUTPUT,
): ProxyProcesses {
  const remembered = openProcessRecords<ProxyRecord>(records);
  const outputOf = (id: string) => join(outputs, `${id}.log`);
  const proxyOf = async (id: string) => (await remembered.recall(id))?.pid ?? null;

  /** Files from before a reboot, and of ended launches that were not removed. */
  async function removeOutputsBut(ids: readonly string[]): Promise<void> {
    const names = await readdir(outputs).catch(() => []);
    const strange = names.filter((name) => !ids.includes(name.replace(/\.log$/, "")));
    await Promise.all(strange.map((name) => rm(join(outputs, name), { force: true })));
  }

  return {
    ...createRankProcesses({ cgroups, proxyOf }),
    isOutOfMemory: async (id) => (await cgroups.outOfMemoryKills("launch", id)) > 0,
    usage: (id) => cgroups.usage("launch", id),
    async start(id, argv, onExit) {
      await remembered.prepare();
      await mkdir(outputs, { recursive: true, mode: 0o700 });
      const output = await open(outputOf(id), "w", 0o600);
      try {
        const cgroup = await cgroups.make("launch", id);
        const [program, ...rest] = confined(cgroup, user, argv, { ownMemory: true });
        const child = spawn(program, rest, {
          cwd: "/",
          env: { ...userEnvironment(user), [LAUNCH_ID_VARIABLE]: id },
          detached: true,
          stdio: ["ignore", output.fd, output.fd],
        });
        child.once("exit", (code, signal) => onExit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
        child.unref();
        await once(child, "spawn");
        const pid = child.pid ?? 0;
        await remembered.remember(id, { ...((await identityOf(pid)) ?? { pid, startTicks: "gone" }), argv });
      } finally {
        await output.close();
      }
    },
    async known() {
      const ids = await remembered.ids();
      await removeOutputsBut(ids);
      const found = await Promise.all(ids.map(async (id) => ({ id, record: await remembered.recall(id) })));
      return found.flatMap(({ id, record }) => (record === null ? [] : [{ id, argv: record.argv }]));
    },
    async isRunning(id) {
      const record = await remembered.recall(id);
      return record !== null && (await isRunning(record));
    },
    async signal(id, signal) {
      if (signal === "SIGKILL") return cgroups.empty("launch", id);
      const record = await remembered.recall(id);
      if (record !== null && (await isRunning(record))) sendSignal(record.pid, signal);
    },
    async output(id) {
      const end = await readEnd(outputOf(id)).catch(() => Buffer.alloc(0));
      return end.toString("utf8").trim();
    },
    async forget(id) {
      await remembered.forget(id);
      await rm(outputOf(id), { force: true });
    },
  };
}

/** The end of the file: it may be of any size. */
async function readEnd(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, OUTPUT_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
