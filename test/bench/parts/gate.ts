import { runProgram } from "../../../scripts/system/program.js";
import type { BenchPart } from "../part.js";
import { atMost, type Measured } from "../row.js";

const LIMIT_SECONDS = 7_200;

/** How long `./scripts/test` takes. */
export const gatePart: BenchPart = {
  name: "gate",
  needs: "anything",
  async measure({ projectRoot, sizes: { gateStages }, say }) {
    const startedAtMs = performance.now();
    const { exitCode } = await runProgram(["./scripts/test", ...gateStages], {
      ...{ cwd: projectRoot, env: process.env, timeoutSeconds: LIMIT_SECONDS },
      onLine: (line) => (line.startsWith("==") ? say(`gate: ${line}`) : undefined),
    });
    if (exitCode !== 0) throw new Error("The gate fails: its duration says nothing.");
    return [gateRow((performance.now() - startedAtMs) / 1_000)];
  },
};

const GOAL_SECONDS = 2_400;

export const gateRow = (seconds: number): Measured => ({
  ...{ what: "./scripts/test", unit: "s", ours: seconds, goal: atMost(GOAL_SECONDS) },
});
