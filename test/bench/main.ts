import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AWS_PROVIDER, AWS_PROVIDER_VERSION } from "../../scripts/setup/provider-mirror.js";
import { type SetUp, setUp } from "../../scripts/setup/set-up.js";
import { runCommand } from "../../scripts/system/command.js";
import { developersCommand, runToEnd, wholeNumber, withStatus } from "../../scripts/system/command-line.js";
import { startEmulator } from "../support/emulator.js";
import { createOrg } from "../support/provider/org.js";
import { type Apply, type Load, measureApply } from "./apply.js";
import { GOAL, medianStart, missedGoals, renderApplies, renderStarts } from "./report.js";
import { measureStart, type Start, type Subject } from "./start.js";
import { logsSubject } from "./subjects/logs.js";

interface BenchOptions {
  readonly runs: number;
  readonly counts: readonly number[];
  readonly json?: true;
}

const ORG = "bench";
const MUSTER = 'muster = { source = "muster/muster" }';
const AWS = `aws = { source = "hashicorp/aws", version = "${AWS_PROVIDER_VERSION}" }`;
const requiring = (...providers: readonly string[]): string =>
  `terraform {\n  required_providers {\n    ${providers.join("\n    ")}\n  }\n}\n`;

const LOADS: readonly Load[] = [
  {
    name: "muster_cluster",
    hcl: (count) =>
      `${requiring(MUSTER)}provider "muster" {\n  org = "${ORG}"\n}\nresource "muster_cluster" "it" {\n  count = ${count}\n  name  = "bench-\${count.index}"\n}\n`,
  },
  {
    name: "terraform_data",
    hcl: (count) =>
      `resource "terraform_data" "it" {\n  count = ${count}\n  input = "bench-\${count.index}"\n}\n`,
  },
];

/** Both providers as Terraform installs them, from whatever kind of mirror they are in. */
async function installProviders(work: string, { env }: SetUp): Promise<readonly Subject[]> {
  await writeFile(join(work, "main.tf"), requiring(MUSTER, AWS));
  await runCommand(["terraform", "init", "-input=false", "-no-color"], {
    cwd: work,
    env: { ...process.env, ...env },
    timeoutSeconds: 120,
  });
  const platform = `linux_${process.arch === "x64" ? "amd64" : process.arch}`;
  const programIn = async (provider: string): Promise<string> => {
    const versions = join(work, ".terraform/providers", provider);
    const folder = join(versions, (await readdir(versions))[0] ?? "", platform);
    const file = (await readdir(folder)).find((name) => name.startsWith("terraform-provider-"));
    return join(folder, file ?? "terraform-provider-");
  };
  return [
    {
      name: "muster",
      program: await programIn("registry.terraform.io/muster/muster"),
      schemaCall: "/tfplugin6.Provider/GetProviderSchema",
    },
    {
      name: `hashicorp/aws ${AWS_PROVIDER_VERSION}`,
      program: await programIn(AWS_PROVIDER),
      schemaCall: "/tfplugin5.Provider/GetSchema",
    },
  ];
}

/** Taken in turns, so that whatever else the machine does meets both. */
async function measureStarts(subjects: readonly Subject[], runs: number): Promise<Record<string, Start>> {
  const starts = new Map<string, Start[]>(subjects.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const subject of subjects) starts.get(subject.name)?.push(await measureStart(subject));
  }
  return Object.fromEntries([...starts].map(([name, measured]) => [name, medianStart(measured)]));
}

async function measureApplies(work: string, counts: readonly number[], { env }: SetUp): Promise<Apply[]> {
  const emulator = await startEmulator();
  const applies: Apply[] = [];
  try {
    await createOrg(emulator, ORG);
    const programs = { ...process.env, ...env, ...emulator.env };
    // Not counted: the emulator takes a second over the first call of each service.
    for (const load of LOADS) {
      await measureApply(load, 1, { work: await mkdtemp(join(work, "warm-up-")), env: programs });
    }
    for (const count of counts) {
      for (const load of LOADS) applies.push(await measureApply(load, count, { work, env: programs }));
    }
  } finally {
    await emulator.stop();
  }
  return applies;
}

async function bench({ runs, counts, json }: BenchOptions): Promise<number> {
  const projectRoot = resolve(import.meta.dirname, "../..");
  const ready = await setUp({ projectRoot, say: (line) => console.error(`set-up: ${line}`) });
  Object.assign(process.env, ready.env);
  const work = await mkdtemp(join(tmpdir(), "muster-bench-"));
  try {
    const starts = await measureStarts(await installProviders(work, ready), runs);
    if (!json) console.log(`${renderStarts(starts, runs)}\n`);
    const applies = counts.length === 0 ? [] : await measureApplies(work, counts, ready);
    const say = (line: string): void => console.error(line);
    const logs = await logsSubject().measure({ projectRoot, ready, work, say });
    const missed = [...missedGoals(starts["muster"] ?? GOAL), ...(logs?.missed ?? [])];
    if (json) console.log(JSON.stringify({ runs, starts, goal: GOAL, missed, applies, ...logs?.json }));
    else console.log(applies.length === 0 ? "" : `${renderApplies(applies)}\n`);
    if (!json) console.log(`${logs?.text}\n`);
    if (!json) console.log(missed.length === 0 ? "Every goal is met." : `Missed: ${missed.join(", ")}`);
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

runToEnd(
  developersCommand(
    "npm run bench --",
    "Our provider beside the AWS provider and terraform_data (start, memory, plan, apply), and a job's output. Linux only.",
  )
    .option("--runs <n>", "starts of each provider, taken in turns", wholeNumber(1, 100), 9)
    .option(
      "--counts <n,...>",
      'how many resources are planned and applied, on the emulator; "0": none',
      counts,
      [1, 100, 1000],
    )
    .option("--json", "one JSON object on stdout instead of tables")
    .addHelpText(
      "after",
      "\nExit status: 0 every goal of a start is met, 1 one is missed (or can't be measured), 2 invalid arguments.",
    )
    .action(withStatus(bench)),
);
