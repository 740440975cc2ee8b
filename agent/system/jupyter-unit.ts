import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { JOB_USER } from "../contract/node-accounts.js";
import { NOTEBOOK_SOCKET, NOTEBOOK_SOCKET_VARIABLE } from "../contract/notebook.js";
import type { JupyterUnit } from "../notebook/ports.js";
import { countBusyTerminals, parseStat } from "../notebook/terminals.js";
import { run } from "./run.js";
import { unlessMissing } from "./unless-missing.js";

/** The image's unit, and where it reads what this node's agent says. */
const UNIT = "muster-jupyter.service";
/** Only root may write there. */
const RUN_FOLDER = "/run/muster-notebook";
const CGROUP_ROOT = "/sys/fs/cgroup";
const TIMEOUT_MS = 20_000;
const TOKEN_BYTES = 32;

export interface JupyterUnitOptions {
  readonly name: string;
  readonly home: string;
  readonly kernelIdleMinutes: number;
  readonly mpiKernelIdleMinutes: number;
  readonly memoryMiB: number;
  readonly clusterUuid: string;
  readonly clusterName: string;
}

/** JupyterLab's unit, and its token as the agent has it. */
export interface JupyterProgram extends JupyterUnit {
  /** Null: it was not started since the node's boot. */
  token(): string | null;
}

/** The unit's environment file: KEY=VALUE lines, without a secret. Pure. */
export function renderEnvironment(options: JupyterUnitOptions): string {
  const variables = {
    HOME: options.home,
    MUSTER_NOTEBOOK: options.name,
    [NOTEBOOK_SOCKET_VARIABLE]: NOTEBOOK_SOCKET,
    MUSTER_NOTEBOOK_CULL_SECONDS: options.kernelIdleMinutes * 60,
    MUSTER_NOTEBOOK_MPI_IDLE_MINUTES: options.mpiKernelIdleMinutes,
    MUSTER_NOTEBOOK_MEMORY_MIB: options.memoryMiB,
    MUSTER_CLUSTER_UUID: options.clusterUuid,
    MUSTER_CLUSTER_NAME: options.clusterName,
    JUPYTER_TOKEN_FILE: `${RUN_FOLDER}/token`,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join("");
}

/** What `systemctl show` says of it. Pure. */
export function parseUnitState(shown: string): {
  readonly isRunning: boolean;
  readonly invocation: string | null;
  readonly cgroup: string | null;
} {
  const textOf = (name: string) => new RegExp(`^${name}=(.+)$`, "m").exec(shown)?.[1] ?? null;
  const state = textOf("ActiveState");
  return {
    isRunning: state === "active" || state === "activating" || state === "reloading",
    invocation: textOf("InvocationID"),
    cgroup: textOf("ControlGroup"),
  };
}

/** Makes it; reads the token of a JupyterLab that an agent of before has started. */
export async function openJupyterUnit(options: JupyterUnitOptions): Promise<JupyterProgram> {
  const tokenFile = `${RUN_FOLDER}/token`;
  let token = await readFile(tokenFile, "utf8").catch(unlessMissing);

  const show = async () =>
    parseUnitState(
      await run("systemctl", ["show", UNIT, "--property=ActiveState,InvocationID,ControlGroup"], TIMEOUT_MS),
    );

  async function prepare(): Promise<void> {
    await mkdir(RUN_FOLDER, { recursive: true, mode: 0o755 });
    await replaceFile(`${RUN_FOLDER}/jupyter.env`, renderEnvironment(options), {
      uid: 0,
      gid: 0,
      mode: 0o644,
    });
    // Without a line's end: JupyterLab would take it for a part of the token.
    token ??= randomBytes(TOKEN_BYTES).toString("hex");
    await replaceFile(tokenFile, token, { ...JOB_USER, mode: 0o400 });
  }

  return {
    token: () => token,
    async state() {
      const { isRunning, invocation } = await show();
      return { isRunning, invocation };
    },
    async start() {
      await prepare();
      const limit = `MemoryMax=${options.memoryMiB}M`;
      await run("systemctl", ["set-property", "--runtime", UNIT, limit], TIMEOUT_MS);
      // It fails where nothing has failed.
      await run("systemctl", ["reset-failed", UNIT], TIMEOUT_MS).catch(() => undefined);
      await run("systemctl", ["start", UNIT], TIMEOUT_MS);
    },
    async busyTerminals() {
      const { cgroup } = await show();
      return cgroup === null ? 0 : countBusyTerminals(await processesIn(`${CGROUP_ROOT}${cgroup}`));
    },
  };
}

async function processesIn(folder: string) {
  const pids = (await readFile(`${folder}/cgroup.procs`, "utf8").catch(unlessMissing)) ?? "";
  const stats = await Promise.all(
    pids
      .split("\n")
      .filter((pid) => pid !== "")
      .map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")),
  );
  return stats.flatMap((text) => parseStat(text) ?? []);
}

/** A whole file in the place of what was there: its folder is root's alone. */
async function replaceFile(
  path: string,
  text: string,
  { uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number },
): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await chown(`${path}.new`, uid, gid);
  await chmod(`${path}.new`, mode);
  await rename(`${path}.new`, path);
}
