import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * jest's hook before and after the e2e project's files: the clouds of the shared clusters are down. Before them, because what a
 * killed run left has that run's agent. A program of its own, because jest resolves no `.js` import to a `.ts` file here.
 */
export default function takeDown() {
  const program = join(import.meta.dirname, "main.ts");
  const { status, stderr, error } = spawnSync(process.execPath, ["--import", "tsx", program], {
    cwd: join(import.meta.dirname, "../../.."),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The shared clusters' clouds are not down: ${error?.message ?? stderr}`);
}
