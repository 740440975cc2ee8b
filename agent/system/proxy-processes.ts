import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { JOB_USER } from "../job-user.js";
import { userEnvironment } from "../jobs/user-environment.js";
import type { ProxyProcesses } from "../launcher/launches.js";
import type { Cgroups } from "./cgroups.js";
import { confined } from "./confined.js";
import { openProcessRecords } from "./process-records.js";
import { identityOf, isRunning, type ProcessIdentity, preferForOomKill, sendSignal } from "./processes.js";
import { createRankProcesses } from "./rank-processes.js";

/** Where a node remembers its proxies: gone after a reboot, as they are. */
const LAUNCH_RECORDS = "/run/muster/launches";

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
): ProxyProcesses {
  const remembered = openProcessRecords<ProxyRecord>(records);
  const outputOf = (id: string) => join(records, `${id}.log`);
  const proxyOf = async (id: string) => (await remembered.recall(id))?.pid ?? null;

  return {
    ...createRankProcesses({ cgroups, proxyOf }),
    isOutOfMemory: async (id) => (await cgroups.outOfMemoryKills("launch", id)) > 0,
    async start(id, argv, onExit) {
      await remembered.prepare();
      const output = await open(outputOf(id), "w", 0o600);
      try {
        const [program, ...rest] = confined(await cgroups.make("launch", id), user, argv);
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
        await preferForOomKill(pid);
        await remembered.remember(id, { ...((await identityOf(pid)) ?? { pid, startTicks: "gone" }), argv });
      } finally {
        await output.close();
      }
    },
    async known() {
      const ids = await remembered.ids();
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
      const text = await readFile(outputOf(id)).catch(() => Buffer.alloc(0));
      return text.subarray(-OUTPUT_BYTES).toString("utf8").trim();
    },
    async forget(id) {
      await remembered.forget(id);
      await rm(outputOf(id), { force: true });
    },
  };
}
