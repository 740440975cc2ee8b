import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cgroups, openCgroups } from "../../../agent/system/cgroups.js";
import { cgroupPath } from "../../../scripts/local/hosts/system/cgroup.js";

/** Real cgroups below one of the test's own. Needs root, as the agent does. */
export interface TestCgroups {
  readonly cgroups: Cgroups;
  readonly folder: string;
  /** Kills what is left in them and removes them. */
  remove(): Promise<void>;
}

export async function testCgroups(): Promise<TestCgroups> {
  // A run that was killed has left its own, and another process may get its pid.
  const folder = cgroupPath(`muster-test-${randomUUID()}`);
  mkdirSync(folder);
  const cgroups = await openCgroups(folder, { processes: 500, memoryBytes: 2 ** 30 });
  return {
    cgroups,
    folder,
    async remove() {
      writeFileSync(join(folder, "cgroup.kill"), "1");
      for (let tries = 0; existsSync(folder) && tries < 500; tries += 1) {
        if (tries > 0) await sleep(20);
        removeTree(folder);
      }
    },
  };
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
  }
}
