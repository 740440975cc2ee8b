import { readFile } from "node:fs/promises";
import { AGENT_CONFIG_PATH } from "../contract/agent-config.js";
import { AgentError, reasonOf } from "../errors.js";
import { parseConfig, type ResolvedConfig } from "../node/config.js";
import { countCores } from "../node/cores.js";

/** This machine's processors as Node.js names them, e.g. "x64", "arm64". */
export const ARCHITECTURE: string = process.arch;

/** What the service's unit sets. */
const DESCRIPTORS_WITHOUT_LIMIT = 65_536;

/** Reads and checks /etc/muster/agent.json. Throws AgentError config-invalid. */
export async function loadConfig(): Promise<ResolvedConfig> {
  let text: string;
  try {
    text = await readFile(AGENT_CONFIG_PATH, "utf8");
  } catch (error) {
    throw new AgentError("config-invalid", reasonOf(error), error);
  }
  return parseConfig(text, AGENT_CONFIG_PATH);
}

/** This machine's physical cores. Throws AgentError cores-unknown. */
export async function readCores(): Promise<number> {
  return countCores(await readFile("/proc/cpuinfo", "utf8"));
}

/** Changes at each boot of the machine. */
export async function readBootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** The text of /proc/self/cgroup. */
export function readOwnCgroup(): Promise<string> {
  return readFile("/proc/self/cgroup", "utf8");
}

/** How many files and connections this process may have open. */
export async function readDescriptorLimit(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  const descriptors = Number(soft);
  return Number.isInteger(descriptors) ? descriptors : DESCRIPTORS_WITHOUT_LIMIT;
}
