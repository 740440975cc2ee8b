import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import type { JobSettings } from "../jobs/launch-plan.js";
import type { ProxyProcesses } from "../launcher/launches.js";
import {
  giveWayToOthers,
  identityOf,
  isRunning,
  killByEnvironment,
  type ProcessIdentity,
  sendSignal,
} from "./processes.js";

/** Where a node remembers its proxies: gone after a reboot, as they are. Root's own: it is trusted. */
const LAUNCH_RECORDS = "/run/muster/launches";

interface ProxyRecord extends ProcessIdentity {
  readonly argv: readonly string[];
}

/** In the environment of the proxy and so of its ranks: it is how leftovers are found. */
const LAUNCH_ID_VARIABLE = "MUSTER_LAUNCH_ID";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const OUTPUT_BYTES = 4_096;

/**
 * Hydra's proxies on this node: each runs as the job user, in a session of its own, with a clean environment (Hydra sends
 * the ranks' from mpiexec), its own messages in a file, so that nothing ties it to the agent's life. The unit needs
 * `KillMode=process`.
 */
export function createProxyProcesses(
  user: JobSettings["user"],
  records: string = LAUNCH_RECORDS,
): ProxyProcesses {
  const recordOf = (id: string) => join(records, `${id}.json`);
  const outputOf = (id: string) => join(records, `${id}.log`);

  async function recall(id: string): Promise<ProxyRecord | null> {
    const text = await readFile(recordOf(id), "utf8").catch(() => null);
    return text === null ? null : (JSON.parse(text) as ProxyRecord);
  }

  async function remember(id: string, record: ProxyRecord): Promise<void> {
    const part = `${recordOf(id)}.part`;
    await writeFile(part, JSON.stringify(record), { mode: 0o600 });
    await rename(part, recordOf(id));
  }

  return {
    async start(id, argv, onExit) {
      await mkdir(records, { recursive: true, mode: 0o700 });
      const output = await open(outputOf(id), "w", 0o600);
      try {
        const [program = "", ...rest] = argv;
        const { name, home, uid, gid } = user;
        const child = spawn(program, rest, {
          cwd: "/",
          env: {
            ...{ PATH, HOME: home, USER: name, LOGNAME: name, SHELL: "/bin/sh", LANG: "C.UTF-8" },
            [LAUNCH_ID_VARIABLE]: id,
          },
          uid,
          gid,
          detached: true,
          stdio: ["ignore", output.fd, output.fd],
        });
        child.once("exit", (code, signal) => onExit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
        child.unref();
        await once(child, "spawn");
        const pid = child.pid ?? 0;
        await giveWayToOthers(pid);
        await remember(id, { ...((await identityOf(pid)) ?? { pid, startTicks: "gone" }), argv });
      } finally {
        await output.close();
      }
    },
    async known() {
      const names = await readdir(records).catch(() => []);
      const ids = names.flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []);
      const found = await Promise.all(ids.map(async (id) => ({ id, record: await recall(id) })));
      return found.flatMap(({ id, record }) => (record === null ? [] : [{ id, argv: record.argv }]));
    },
    async isRunning(id) {
      const record = await recall(id);
      return record !== null && (await isRunning(record));
    },
    async signal(id, signal) {
      const record = await recall(id);
      if (record !== null && (await isRunning(record))) sendSignal(record.pid, signal);
      if (signal === "SIGKILL") await killByEnvironment(LAUNCH_ID_VARIABLE, id);
    },
    async output(id) {
      const text = await readFile(outputOf(id)).catch(() => Buffer.alloc(0));
      return text.subarray(-OUTPUT_BYTES).toString("utf8").trim();
    },
    async forget(id) {
      await rm(recordOf(id), { force: true });
      await rm(outputOf(id), { force: true });
    },
  };
}
