import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LIMIT_KEYS, type LimitKey, type LimitValues } from "./plan.js";

/** The machine's limits as they are now, and how they are changed. */
export interface Sysctl {
  read(): LimitValues;
  /** Throws if it is not allowed. */
  write(key: LimitKey, value: number): void;
}

/** The kernel's own, below /proc/sys. */
export function openSysctl(root = "/proc/sys"): Sysctl {
  const pathOf = (key: LimitKey): string => join(root, ...key.split("."));
  const readOne = (key: LimitKey): [LimitKey, number][] => {
    try {
      return [[key, Number(readFileSync(pathOf(key), "utf8"))]];
    } catch {
      return [];
    }
  };
  return {
    read: () => Object.fromEntries(LIMIT_KEYS.flatMap(readOne)),
    write: (key, value) => writeFileSync(pathOf(key), `${value}\n`),
  };
}
