import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { runToEnd } from "../system/command-line.js";
import { accept, EXIT_STATUS, type Offer, type Outcome } from "./accept.js";
import { isYes, question } from "./confirm.js";
import type { ImageChoice } from "./declaration.js";
import { type AcceptanceOptions, acceptanceCommand } from "./options.js";
import type { GitJob, Place } from "./place.js";
import { acceptancePlan } from "./plan.js";
import { type ReportHead, renderJson, renderMarkdown } from "./report.js";
import type { Stage } from "./stage.js";
import { createStops, type Stops } from "./stops.js";
import { accountCalls } from "./system/account.js";
import { awsPlace } from "./system/aws-place.js";
import { localPlace } from "./system/local-place.js";
import { createTypist } from "./system/typist.js";

const checkout = resolve(import.meta.dirname, "../..");
const startedAt = new Date();
const say = (line: string): void =>
  console.log(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}`);

function openPlace(options: AcceptanceOptions): Place | Promise<Place> {
  const { aws = false, git: url, gitFile, region, prices } = options;
  const git: GitJob | null = url === undefined ? null : { url, file: gitFile };
  return aws ? awsPlace({ region, git, gitFile, prices }) : localPlace(checkout, region, git);
}

async function openStage(options: AcceptanceOptions, place: Place, report: string): Promise<Stage> {
  const id = randomBytes(2).toString("hex");
  const { org = `acceptance-${id}`, region } = options;
  const baked: ImageChoice = { kind: "bake" };
  const { image = options.aws ? baked : { kind: "family", family: "mpi" } } = options;
  const folder = await mkdtemp(join(tmpdir(), "muster-acceptance-"));
  const bucket = `muster-acceptance-${randomBytes(6).toString("hex")}`;
  let env: NodeJS.ProcessEnv = process.env;
  return {
    ...{ place, checkout, say, usdPerHour: null, account: null, aws: accountCalls(region) },
    project: { folder, org, region, bucket },
    declaration: { image, bucket },
    async open() {
      env = await place.open(say);
    },
    type: createTypist({
      ...{ projectFolder: folder, say, log: join(report, "acceptance.log") },
      env: () => env,
    }),
    readFile: (path) => readFile(path, "utf8"),
    writeFile,
  };
}

/** The person's answer, at the terminal. */
async function ask(offer: Offer, { account, project }: Stage, stops: Stops): Promise<boolean> {
  const id = account ?? "";
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // While it reads a line, a Ctrl-C comes to it alone.
  terminal.on("SIGINT", () => stops.interrupt("SIGINT"));
  try {
    return isYes(
      await terminal.question(question(offer, { account: id, ...project }), { signal: stops.steps }),
      id,
    );
  } finally {
    terminal.close();
  }
}

function listenToSignals(): Stops {
  const stops = createStops(say, () => performance.now());
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, function hear() {
      stops.interrupt(name);
      // A later one ends this process, whatever it is about.
      if (stops.teardown.aborted) setTimeout(() => process.off(name, hear), 2_000).unref();
    });
  }
  return stops;
}

function writeReport(folder: string, stage: Stage, outcome: Outcome): void {
  const { place, project, account } = stage;
  const head: ReportHead = {
    ...{ at: startedAt.toISOString(), place: place.name, account, org: project.org, region: project.region },
    seconds: Math.round((Date.now() - startedAt.getTime()) / 100) / 10,
    left: outcome.isLeft ? place.howToRemove(project) : [],
  };
  writeFileSync(join(folder, "report.json"), renderJson(head, outcome));
  const text = renderMarkdown(head, outcome);
  writeFileSync(join(folder, "report.md"), text);
  console.log(`\n${text}\nThe report and the log are in ${folder}.`);
}

async function run(options: AcceptanceOptions): Promise<number> {
  const { aws = false, yes = false, maxHours: hours, maxUsd: usd } = options;
  if (aws && !yes && !process.stdin.isTTY) {
    console.error("There is no terminal to ask at. Nothing was made. With --yes it does not ask.");
    return EXIT_STATUS.refused;
  }
  const report = resolve(options.report);
  mkdirSync(report, { recursive: true });
  rmSync(join(report, "acceptance.log"), { force: true });
  const stage = await openStage(options, await openPlace(options), report);
  const stops = listenToSignals();
  const outcome = await accept(acceptancePlan(stage), { hours, usd }, stops, {
    ...{ say, monotonicMs: () => performance.now(), usdPerHour: () => stage.usdPerHour },
    agree: (offer) => (aws && !yes ? ask(offer, stage, stops) : Promise.resolve(true)),
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  });
  writeReport(report, stage, outcome);
  // Terraform's state is there: it stays while something may be left.
  if (!outcome.isLeft) rmSync(stage.project.folder, { recursive: true, force: true });
  return EXIT_STATUS[outcome.result];
}

runToEnd(acceptanceCommand(run));
