import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { setUp } from "../../scripts/setup/set-up.js";
import { developersCommand, runToEnd, wholeNumber, withStatus } from "../../scripts/system/command-line.js";
import { createClusters } from "./clusters.js";
import { partsOf } from "./parts.js";
import { runParts } from "./run.js";
import { FULL, type Sizes, SMALL } from "./sizes.js";
import { exitCodeOf, renderTable, toJson } from "./table.js";

interface BenchOptions
  extends Partial<
    Pick<Sizes, "runs" | "applies" | "clusters" | "outputs" | "simulatedNodes" | "queuedJobs">
  > {
  readonly only?: readonly string[];
  readonly small?: true;
  readonly json?: true;
}

const PART_NAMES = [...new Set(partsOf(FULL).map(({ name }) => name))];

async function bench({ only = PART_NAMES, small, json, ...overrides }: BenchOptions): Promise<number> {
  const projectRoot = resolve(import.meta.dirname, "../..");
  const say = (line: string): void => console.error(line);
  const ready = await setUp({ projectRoot, say: (line) => say(`set-up: ${line}`) });
  Object.assign(process.env, ready.env);
  const work = await mkdtemp(join(tmpdir(), "muster-bench-"));
  const clusters = createClusters(projectRoot, ready.env);
  const sizes: Sizes = { ...(small ? SMALL : FULL), ...overrides };
  try {
    const parts = partsOf(sizes).filter(({ name }) => only.includes(name));
    const setting = { projectRoot, ready, work, sizes, say, clusterOf: clusters.of };
    const report = await runParts(parts, setting, { isSmall: small ?? false });
    console.log(json ? toJson(report) : renderTable(report));
    return exitCodeOf(report);
  } finally {
    await clusters.stop();
    await rm(work, { recursive: true, force: true });
  }
}

const numbers =
  (most: number, times = 1) =>
  (text: string): readonly number[] =>
    text.split(",").map((number) => times * wholeNumber(1, most)(number));

const parts = (text: string): readonly string[] => {
  const names = text.split(",");
  const unknown = names.filter((name) => !PART_NAMES.includes(name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`${unknown.join(", ")} is none of ${PART_NAMES.join(", ")}.`);
};

const MEGABYTE = 1_000_000;

runToEnd(
  developersCommand(
    "npm run bench --",
    "Our figures beside our peers' in one table, each with its goal: what, ours, the peer or the limit, ratio, goal, met or not.",
  )
    .option("--only <part,...>", `some of ${PART_NAMES.join(", ")}; default: all`, parts)
    .option("--small", "the gate's sizes: they show that each part runs, and no more")
    .option("--runs <n>", `starts and launches of each kind (default: ${FULL.runs})`, wholeNumber(1, 100))
    .option(
      "--applies <n,...>",
      `resources that are planned and applied (default: ${FULL.applies})`,
      numbers(10_000),
    )
    .option(
      "--clusters <n,...>",
      `nodes of the clusters that boot; all is measured on the first (default: ${FULL.clusters})`,
      numbers(128),
    )
    .option(
      "--outputs <mb,...>",
      "megabytes that a job prints (default: 1000,10000)",
      numbers(100_000, MEGABYTE),
    )
    .option(
      "--simulated-nodes <n>",
      `nodes that join a head (default: ${FULL.simulatedNodes})`,
      wholeNumber(1, 10_000),
    )
    .option(
      "--queued-jobs <n>",
      `jobs of a second in a queue (default: ${FULL.queuedJobs})`,
      wholeNumber(1, 1_000),
    )
    .option("--json", "one JSON object in place of the table")
    .addHelpText(
      "after",
      "\nExit status: 0 every goal is met, 1 one is missed or a part is left out, 2 invalid arguments.",
    )
    .action(withStatus(bench)),
);
