import { join, resolve } from "node:path";
import { readRunning } from "../local/state.js";
import { setUp } from "../setup/set-up.js";
import { runToEnd } from "../system/command-line.js";
import { holdAlone } from "../system/only-run.js";
import { createInterrupts, type Interrupts } from "./interrupts.js";
import { JOURNEY_NOTEBOOK, openCommand, openJourneyNotebook } from "./notebook.js";
import { type QuickstartOptions, quickstartCommand } from "./options.js";
import { placeJourney, useCloud } from "./place.js";
import { createProgress, type Progress } from "./progress.js";
import { nothingSeen, renderReport } from "./report.js";
import {
  deploy,
  destroy,
  goDown,
  goUp,
  type Journey,
  journeyDefinition,
  lookAtCluster,
  showJob,
} from "./run.js";

// ./scripts/quickstart starts this once node_modules is installed.

const CLOUD = "quickstart";
const REGION = "us-east-1";
const projectRoot = resolve(import.meta.dirname, "../..");

function listenToSignals(progress: Progress): Interrupts {
  const interrupts = createInterrupts((name) =>
    progress.say(`${name}: stopping, then removing the local cloud`),
  );
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, function hear() {
      interrupts.interrupt(name);
      // The next one ends this process, whatever it is about.
      if (interrupts.signal.aborted) process.off(name, hear);
    });
  }
  return interrupts;
}

async function startJourney(progress: Progress, signal: AbortSignal): Promise<Journey> {
  const { env } = await progress.step("setup", "set-up", () =>
    setUp({ projectRoot, say: (line) => progress.say(`   ${line}`) }),
  );
  Object.assign(process.env, env);
  const place = placeJourney(projectRoot, CLOUD, REGION);
  return { place, env, progress, signal, seen: nothingSeen() };
}

/** Up to the job's end. A failure becomes a fault; what was seen before it stays. */
async function thereAndBack(
  journey: Journey,
  options: QuickstartOptions,
  interrupts: Interrupts,
): Promise<void> {
  const { progress, seen, signal } = journey;
  const { nodes, job: jobFile, notebook = false, keep = false } = options;
  const notebooks = notebook ? [JOURNEY_NOTEBOOK] : [];
  const definition = journeyDefinition(
    jobFile === undefined ? join(projectRoot, "examples/pi.py") : resolve(jobFile),
  );
  try {
    await progress.step("up", "local cloud up", () => goUp(journey, nodes));
    const declared = `org, cluster of ${nodes} nodes, ${notebook ? "its job and its notebook" : "and its job"}`;
    await progress.step("deploy", `cdktf deploy: ${declared}`, () =>
      deploy(journey, { nodes, jobDefinitions: [definition], notebooks }),
    );
    await progress.step("ready", "cluster ready", () => lookAtCluster(journey));
    await progress.step("job", `mpiexec python ${definition.file}`, () =>
      showJob(journey, definition.name, jobFile === undefined),
    );
    if (notebook && !keep)
      await interrupts.untilInterrupted((closing) => openJourneyNotebook({ ...journey, signal: closing }));
  } catch (error) {
    seen.faults.push((error as Error).message);
  }
  if (keep && !signal.aborted) return explainKept(progress, notebook ? [openCommand(journey)] : []);
  await tearDown(journey);
}

/** Destroys as a pipeline would. After a Ctrl-C it removes the local cloud at once, with everything in it. */
async function tearDown(journey: Journey): Promise<void> {
  const { progress, seen, signal } = journey;
  await progress.step("destroy", "cdktf destroy, and look for leftovers", async () => {
    try {
      if (!signal.aborted && readRunning(CLOUD) !== null) await destroy(journey);
    } catch (error) {
      seen.faults.push((error as Error).message);
    }
    await goDown(journey);
  });
}

/** `more`: commands of what this cluster has beside its nodes. */
function explainKept(progress: Progress, more: readonly string[]): void {
  const lines = [
    "kept. To inspect, use and remove it:",
    `  ./scripts/local/cloud status --name ${CLOUD}`,
    `  ./scripts/local/cloud exec --name ${CLOUD} NODE -- bash`,
    `  eval "$(./scripts/local/cloud up --name ${CLOUD})"     # makes it the AWS of this shell`,
    `  ./scripts/muster job run --org demo --cluster ${CLOUD} FILE.py`,
    ...more.map((command) => `  ${command}`),
    "  ./scripts/quickstart --destroy",
  ];
  for (const line of lines) progress.say(line);
}

async function quickstart(options: QuickstartOptions): Promise<number> {
  const startedAtMs = Number(process.env["MUSTER_STARTED_AT_MS"] ?? Date.now());
  const progress = createProgress(options.json ? process.stderr : process.stdout, startedAtMs);
  await holdAlone("./scripts/quickstart");
  const isThere = readRunning(CLOUD) !== null;
  if (isThere && !options.destroy) {
    throw new Error("A quickstart was kept, or killed. Destroy it first: ./scripts/quickstart --destroy");
  }
  const interrupts = listenToSignals(progress);
  const journey = await startJourney(progress, interrupts.signal);
  if (!options.destroy) {
    await thereAndBack(journey, options, interrupts);
  } else {
    if (isThere) useCloud(journey.place);
    await tearDown(journey);
  }
  const { seen } = journey;
  for (const fault of seen.faults) progress.say(`FAILED: ${fault}`);
  if (seen.faults.length === 0) progress.say("all checks passed");
  if (options.json) console.log(JSON.stringify(renderReport(seen, progress.seconds())));
  return seen.faults.length === 0 ? 0 : 1;
}

runToEnd(quickstartCommand(quickstart));
