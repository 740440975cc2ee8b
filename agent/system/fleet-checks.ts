import { open } from "node:fs/promises";
import type { AgentConfig } from "../contract/agent-config.js";
import { BOOT_SCRIPT_FOLDER } from "../contract/boot-script.js";
import { BOOT_SCRIPT_PROBE, EFA_PROBE } from "../contract/reasons.js";
import type { ReadinessProbe } from "../probes/readiness.js";
import type { Errands } from "./errands.js";
import { unlessMissing } from "./unless-missing.js";

const INTEL_ROOT = "/usr/lib/muster/intel-mpi";
/** Of the boot script's output, as much is read for its last line. */
const OUTPUT_BYTES = 2_048;
const MAX_LINE_LENGTH = 300;
/** timeout(1)'s exit status, and that of what it had to kill. */
const TIMED_OUT = [124, 137];

/** The probes of what the fleet's options promise of this machine; none where it has no such option. */
export function fleetProbes(
  { efa, bootScript }: Pick<AgentConfig, "efa" | "bootScript">,
  errands: Pick<Errands, "run">,
  folder: string = BOOT_SCRIPT_FOLDER,
): ReadinessProbe[] {
  const probes: ReadinessProbe[] = [];
  if (bootScript !== undefined) {
    const check = () => checkBootScript(folder, bootScript.timeoutMinutes);
    probes.push({ name: BOOT_SCRIPT_PROBE, timeoutMs: 2_000, intervalMs: null, check });
  }
  if (efa === true) {
    probes.push({ name: EFA_PROBE, timeoutMs: 10_000, intervalMs: 60_000, check: () => checkEfa(errands) });
  }
  return probes;
}

/** It has ended with 0: user data ran it before this agent. No job can write where its results are. */
async function checkBootScript(folder: string, timeoutMinutes: number): Promise<void> {
  const status = await endOf(`${folder}/status`);
  if (status === null) throw new Error("the boot script has not run; the instance's console says why");
  if (status === "0") return;
  const said = (await endOf(`${folder}/output`))?.split("\n").at(-1)?.slice(0, MAX_LINE_LENGTH);
  const how = TIMED_OUT.includes(Number(status))
    ? `was ended after ${timeoutMinutes} minutes`
    : `ended with exit status ${status}`;
  throw new Error(`the boot script ${how}${said ? `: ${said}` : ""}`);
}

/** The end of a text file, trimmed; null: there is none. */
async function endOf(path: string): Promise<string | null> {
  const file = await open(path, "r").catch(unlessMissing);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, OUTPUT_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString("utf8").trim();
  } finally {
    await file.close();
  }
}

/** $1 Intel MPI's folder. The library that jobs use must find an EFA, as the user that they run as. */
const FIND_EFA = `LD_LIBRARY_PATH="$1/lib" FI_PROVIDER_PATH="$1/lib" "$1/bin/fi_info" -p efa -t FI_EP_RDM 2>&1 | head -n 1`;

async function checkEfa(errands: Pick<Errands, "run">): Promise<void> {
  const said = await errands.run({ script: FIND_EFA, parameters: [INTEL_ROOT], timeoutMs: 8_000 });
  const line = said.toString("utf8").split("\n")[0]?.trim().slice(0, MAX_LINE_LENGTH) ?? "";
  if (line === "provider: efa") return;
  throw new Error(
    `fi_info finds no Elastic Fabric Adapter (${line || "it says nothing"}): the instance type has none, or the image's kernel has no efa driver`,
  );
}
