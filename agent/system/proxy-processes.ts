import { mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { JOB_USER } from "../contract/node-accounts.js";
import { userEnvironment } from "../jobs/user-environment.js";
import type { ProxyProcesses } from "../launcher/launches.js";
import type { Cgroups } from "./cgroups.js";
import { asUser } from "./confined.js";
import { createHeldShells, endLeftShells } from "./held-shells.js";
import { openProcessRecords } from "./process-records.js";
import { isRunning, type ProcessIdentity, sendSignal } from "./processes.js";
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
  /** Its cgroup's name; missing: the launch's id. */
  readonly group?: string;
}

/** The proxies, for the agent that keeps shells for them. */
interface KeptProxyProcesses extends ProxyProcesses {
  /** Ends the shells that wait. Call it once, last. */
  close(): Promise<void>;
}

interface ProxyPlaces {
  readonly records?: string;
  readonly outputs?: string;
  /** For how many proxies a shell waits. */
  readonly ready?: number;
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
  { records = LAUNCH_RECORDS, outputs = LAUNCH_OUTPUT, ready = 0 }: ProxyPlaces = {},
): KeptProxyProcesses {
  const environment = userEnvironment(user);
  const shells = createHeldShells(cgroups, { kind: "launch", ready, environment, ownMemory: true });
  const remembered = openProcessRecords<ProxyRecord>(records);
  const outputOf = (id: string) => join(outputs, `${id}.log`);
  const proxyOf = async (id: string) => (await remembered.recall(id))?.pid ?? null;
  const groupOf = async (id: string) => (await remembered.recall(id))?.group ?? id;

  /** Files from before a reboot, and of ended launches that were not removed. */
  async function removeOutputsBut(ids: readonly string[]): Promise<void> {
    const names = await readdir(outputs).catch(() => []);
    const strange = names.filter((name) => !ids.includes(name.replace(/\.log$/, "")));
    await Promise.all(strange.map((name) => rm(join(outputs, name), { force: true })));
  }

  return {
    ...createRankProcesses({ pids: async (id) => cgroups.pids("launch", await groupOf(id)), proxyOf }),
    isOutOfMemory: async (id) => (await cgroups.outOfMemoryKills("launch", await groupOf(id))) > 0,
    usage: async (id) => cgroups.usage("launch", await groupOf(id)),
    async start(id, argv, onExit) {
      await remembered.prepare();
      await mkdir(outputs, { recursive: true, mode: 0o700 });
      await writeFile(outputOf(id), "", { mode: 0o600 });
      const shell = await shells.take(true);
      try {
        // Before it is the proxy: what is not remembered has started nothing.
        await remembered.remember(id, { ...shell.identity, argv, group: shell.group });
      } catch (error) {
        await shell.empty();
        throw error;
      }
      const program = {
        argv: [...asUser(user), ...argv],
        environment: { [LAUNCH_ID_VARIABLE]: id },
        files: [{ descriptor: 1, path: outputOf(id), appends: false }],
      };
      shell.become(program, (code, signal) => onExit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
    },
    async known() {
      const ids = await remembered.ids();
      await removeOutputsBut(ids);
      const found = await Promise.all(ids.map(async (id) => ({ id, record: await remembered.recall(id) })));
      const groups = found.flatMap(({ record }) => record?.group ?? []);
      await endLeftShells(cgroups, "launch", groups);
      return found.flatMap(({ id, record }) => (record === null ? [] : [{ id, argv: record.argv }]));
    },
    async isRunning(id) {
      const record = await remembered.recall(id);
      return record !== null && (await isRunning(record));
    },
    async signal(id, signal) {
      const record = await remembered.recall(id);
      if (signal === "SIGKILL") return cgroups.empty("launch", record?.group ?? id);
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
    close: shells.close,
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
