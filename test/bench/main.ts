import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { setUp } from "../../scripts/setup/set-up.js";
import { developersCommand, runToEnd, wholeNumber, withStatus } from "../../scripts/system/command-line.js";
import type { BenchSubject } from "./subject.js";
import { applySubject } from "./subjects/apply.js";
import { bootSubject, costSubject } from "./subjects/boot.js";
import { commandSubject } from "./subjects/command.js";
import { launchSubject } from "./subjects/launch.js";
import { logsSubject } from "./subjects/logs.js";
import { scaleSubject } from "./subjects/scale.js";
import { startSubject } from "./subjects/start.js";
import { statusSubject } from "./subjects/status.js";

interface BenchOptions {
  readonly runs: number;
  readonly counts: readonly number[];
  readonly nodes: number;
  readonly boots: readonly number[];
  readonly only?: readonly string[];
  readonly json?: true;
}

/** In the order in which they run. The local cloud comes last: it becomes the AWS of this process. */
const subjectsOf = ({
  runs,
  counts,
  nodes,
  boots,
}: Omit<BenchOptions, "only" | "json">): readonly BenchSubject[] => [
  startSubject(runs),
  commandSubject(runs),
  applySubject(counts),
  logsSubject(),
  statusSubject(),
  scaleSubject(nodes),
  launchSubject(runs),
  costSubject(),
  bootSubject(boots),
];
const SUBJECT_NAMES = subjectsOf({ runs: 1, counts: [], nodes: 1, boots: [] }).map(({ name }) => name);

async function bench({ only = SUBJECT_NAMES, json, ...options }: BenchOptions): Promise<number> {
  const projectRoot = resolve(import.meta.dirname, "../..");
  const say = (line: string): void => console.error(line);
  const ready = await setUp({ projectRoot, say: (line) => say(`set-up: ${line}`) });
  Object.assign(process.env, ready.env);
  const work = await mkdtemp(join(tmpdir(), "muster-bench-"));
  const missed: string[] = [];
  let document = {};
  try {
    for (const subject of subjectsOf(options).filter(({ name }) => only.includes(name))) {
      const result = await subject.measure({ projectRoot, ready, work, say });
      if (result === null) continue;
      if (!json && result.text !== "") console.log(`${result.text}\n`);
      document = { ...document, ...result.json };
      missed.push(...result.missed);
    }
    if (json) console.log(JSON.stringify({ ...document, missed }));
    else console.log(missed.length === 0 ? "Every goal is met." : `Missed: ${missed.join(", ")}`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const counts = (text: string): readonly number[] =>
  text
    .split(",")
    .map(wholeNumber(0, 10_000))
    .filter((count) => count > 0);

const subjects = (text: string): readonly string[] => {
  const names = text.split(",");
  const unknown = names.filter((name) => !SUBJECT_NAMES.includes(name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`${unknown.join(", ")} is none of ${SUBJECT_NAMES.join(", ")}.`);
};

runToEnd(
  developersCommand(
    "npm run bench --",
    "Our figures beside our peers': the provider's start, memory, plan and apply, a job's launch and its output. Linux only.",
  )
    .option("--runs <n>", "starts and launches of each kind", wholeNumber(1, 100), 9)
    .option(
      "--counts <n,...>",
      'how many resources are planned and applied, on the emulator; "0": none',
      counts,
      [1, 100, 1000],
    )
    .option("--nodes <n>", "how many nodes are simulated for scale", wholeNumber(1, 10_000), 1_000)
    .option("--boots <n,...>", "how many nodes boot, one cluster each", counts, [4, 16, 64])
    .option("--only <subject,...>", `some of ${SUBJECT_NAMES.join(", ")}; default: all`, subjects)
    .option("--json", "one JSON object on stdout instead of tables")
    .addHelpText(
      "after",
      "\nExit status: 0 every goal is met, 1 one is missed (or can't be measured), 2 invalid arguments.",
    )
    .action(withStatus(bench)),
);
