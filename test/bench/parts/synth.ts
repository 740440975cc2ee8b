import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { runCommand } from "../../../scripts/system/command.js";
import { byTurns, median } from "../median.js";
import type { BenchPart, BenchSetting } from "../part.js";
import { type Measured, timesAtMost } from "../row.js";

const LIMIT_SECONDS = 120;
/** A synth is long beside the start that it is part of: few turns are enough. */
const MOST_TURNS = 3;
const GOAL_SECONDS = 1;
const GOAL_SECONDS_A_CLUSTER = 0.01;

/** From a muster.yaml to the stacks of all its clusters, as cdktf has it done. */
export const synthPart: BenchPart = {
  name: "synth",
  needs: "anything",
  async measure(setting) {
    const rows: Measured[] = [];
    for (const clusters of setting.sizes.synths) {
      const { synth } = await byTurns(
        { synth: () => synthSeconds(setting, clusters) },
        Math.min(MOST_TURNS, setting.sizes.runs),
      );
      rows.push(synthRow(clusters, median(synth)));
    }
    return rows;
  },
};

/** Beside the limit: a second, and ten milliseconds a cluster. */
export const synthRow = (clusters: number, seconds: number): Measured => ({
  what: `synth of ${clusters} ${clusters === 1 ? "cluster" : "clusters"}`,
  unit: "s",
  ours: seconds,
  beside: { name: "1 s + 10 ms a cluster", value: GOAL_SECONDS + GOAL_SECONDS_A_CLUSTER * clusters },
  goal: timesAtMost(1),
});

async function synthSeconds({ projectRoot, work }: BenchSetting, clusters: number): Promise<number> {
  const folder = join(work, `synth-${clusters}`);
  await mkdir(folder, { recursive: true });
  const declaration = {
    org: { name: "bench", region: "us-east-1" },
    state: { type: "local", path: "state" },
    clusters: Array.from({ length: clusters }, (_, n) => ({ name: `c${n}`, nodes: 2 })),
  };
  await writeFile(join(folder, "muster.yaml"), stringify(declaration));
  const env = {
    ...process.env,
    MUSTER_CONFIG: join(folder, "muster.yaml"),
    CDKTF_OUTDIR: join(folder, "cdktf.out"),
  };
  const startedAtMs = performance.now();
  // cdktf.json's own command.
  await runCommand(["node", "scripts/synth.cjs"], {
    cwd: projectRoot,
    env,
    timeoutSeconds: LIMIT_SECONDS,
  });
  return (performance.now() - startedAtMs) / 1_000;
}
