import { AgentError } from "../errors.js";

/**
 * Physical cores in the text of /proc/cpuinfo: distinct (physical id, core id) pairs. If the kernel gives no such pair
 * (some arm64 machines), every processor counts as a core: those machines have one thread per core.
 * Throws AgentError cores-unknown when no processor is listed.
 */
export function countCores(cpuinfo: string): number {
  const cores = new Set<string>();
  let processors = 0;
  for (const block of cpuinfo.split(/\n\s*\n/)) {
    const fields = new Map(
      block.split("\n").map((line): [string, string] => {
        const [key = "", value = ""] = line.split(":", 2);
        return [key.trim(), value.trim()];
      }),
    );
    if (!fields.has("processor")) continue;
    processors += 1;
    const core = fields.get("core id");
    if (core !== undefined) cores.add(`${fields.get("physical id") ?? "0"}/${core}`);
  }
  if (processors === 0) throw new AgentError("cores-unknown", "/proc/cpuinfo lists no processor");
  return cores.size || processors;
}
