import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeSignal } from "../../../scripts/system/before-signal.ts";
import { holdAlone } from "../../../scripts/system/only-run.ts";

// What jest's hooks do for a suite of tests with local clouds.

/**
 * Before the suite's files: no other run uses their clouds, and what a killed run has left of them, with that run's agent, is gone. jest runs no
 * afterAll once a signal ends it: then this takes the clouds down first.
 */
export async function begin(suite) {
  await holdAlone(`the ${suite} tests`);
  beforeSignal(() => {
    endChildren();
    takeDown(suite);
  });
  takeDown(suite);
}

/** The suite's clouds are down. A program of its own, because jest resolves no `.js` import to a `.ts` file here. */
export function takeDown(suite) {
  const program = join(import.meta.dirname, "main.ts");
  const { status, stderr, error } = spawnSync(process.execPath, ["--import", "tsx", program, suite], {
    cwd: join(import.meta.dirname, "../../.."),
    encoding: "utf8",
  });
  if (status !== 0)
    throw new Error(`The clouds of the ${suite} tests are not down: ${error?.message ?? stderr}`);
}

/** jest's workers, and the programs that tests have begun, so that none makes another cloud meanwhile. */
function endChildren() {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  for (const pid of children.split(" ").filter(Boolean))
    try {
      process.kill(Number(pid), "SIGTERM");
    } catch {
      // It has ended by itself.
    }
}
