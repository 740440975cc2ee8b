import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { type BootProblem, findBootProblem } from "./boot-problem.js";
import type { CloudPlaces } from "./cloud.js";
import { observeNodes } from "./hosts.js";
import { nodePlaces } from "./system/node.js";

/** How much of a console is read: a healthy node keeps writing, and its boot is long ago. */
const CONSOLE_BYTES = 256 * 1024;

/** Looks at the nodes' consoles. */
export interface BootWatch {
  /** The nodes that do not boot. `dead` are those whose power is off although their instance runs. */
  look(dead: readonly string[]): readonly BootProblem[];
}

/** A console that has not grown since the last look is not read again. */
export function createBootWatch(cloud: CloudPlaces): BootWatch {
  let seen = new Map<string, { readonly key: string; readonly problem: string | null }>();
  return {
    look(dead) {
      const on = observeNodes(cloud).flatMap(({ instanceId, power }) => (power === "on" ? [instanceId] : []));
      const found = [...on, ...dead].map((instanceId) => {
        const isOff = dead.includes(instanceId);
        const known = seen.get(instanceId);
        const { text, key } = readConsole(nodePlaces(cloud, instanceId).consoleLog, isOff, known?.key);
        return [
          instanceId,
          known?.key === key ? known : { key, problem: findBootProblem(text, isOff) },
        ] as const;
      });
      seen = new Map(found);
      return found.flatMap(([instanceId, { problem }]) =>
        problem === null ? [] : [{ instanceId, problem }],
      );
    },
  };
}

/** The console's end, unless its `key` (size and power) is the known one. */
function readConsole(path: string, isOff: boolean, known?: string): { text: string; key: string } {
  if (!existsSync(path)) return { text: "", key: `0 ${isOff}` };
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const key = `${size} ${isOff}`;
    if (key === known) return { text: "", key };
    const length = Math.min(size, CONSOLE_BYTES);
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, size - length);
    return { text: bytes.toString("utf8"), key };
  } finally {
    closeSync(file);
  }
}
