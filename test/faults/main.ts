import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { ownCloud } from "../../scripts/local/own-cloud.js";
import { developersCommand, runToEnd, withStatus } from "../../scripts/system/command-line.js";
import { startFaultCloud } from "./cloud.js";
import { type Fault, type Row, STATES, type State } from "./fault.js";
import { FAULTS, type MatrixRow, rowsOf } from "./matrix.js";
import { emptyRow, renderRows } from "./report.js";
import { runFault } from "./run.js";

interface FaultsOptions {
  /** Default: all. */
  readonly only?: readonly Fault[];
  /** Default: each that means something. */
  readonly state?: readonly State[];
  /** Default: all rows. */
  readonly slice?: Slice;
  readonly json?: true;
}

interface Slice {
  readonly number: number;
  readonly of: number;
}

const NODES = 3;
const CLOUD = "faults";

/** A fault whose run fails by itself is a row too, so that the others are still run; one that a signal ends is not run, nor are those after it. */
async function rowOf({ fault, state }: MatrixRow, ended: AbortSignal, run: () => Promise<Row>): Promise<Row> {
  const none = emptyRow(fault.name, state);
  const notRun: Row = { ...none, notRun: true };
  if (ended.aborted) return notRun;
  const aborted = new Promise<Row>((resolve) => ended.addEventListener("abort", () => resolve(notRun)));
  const outcome = run().catch((error: Error): Row => ({ ...none, differs: [error.message] }));
  return Promise.race([outcome, aborted]);
}

const print = (found: { rows: readonly Row[]; left: readonly string[] }, json?: true): void =>
  console.log(json ? JSON.stringify(found) : `\n${renderRows(found.rows)}`);

async function faults({
  only = FAULTS,
  state = STATES,
  slice = { number: 1, of: 1 },
  json,
}: FaultsOptions): Promise<number> {
  const projectRoot = resolve(import.meta.dirname, "../..");
  const program = join(projectRoot, "test/fixtures/jobs/checks-in.py");
  const chosen = rowsOf(only, state).filter((_row, index) => index % slice.of === slice.number - 1);
  const say = (line: string): void => console.error(line);
  const ending = new AbortController();
  await ownCloud("npm run faults", CLOUD, () => ending.abort());
  const cloud = await startFaultCloud(CLOUD, NODES, projectRoot, say);
  const rows: Row[] = [];
  let left: readonly string[] = [];
  try {
    for (const each of chosen) {
      if (!ending.signal.aborted)
        say(`${new Date().toISOString()} ${each.fault.name}, ${each.state}: ${each.fault.what}`);
      const row = await rowOf(each, ending.signal, () => runFault(each.fault, each.state, cloud, program));
      rows.push(row);
      if (!row.notRun) say(renderRows([row]));
    }
    // The signal ends this process as soon as the cloud is down.
    if (ending.signal.aborted) print({ rows, left }, json);
  } finally {
    left = await cloud.goDown();
  }
  if (ending.signal.aborted) return 1;
  print({ rows, left }, json);
  for (const thing of left) say(`left behind on this machine: ${thing}`);
  return left.length === 0 && rows.every(({ differs }) => differs.length === 0) ? 0 : 1;
}

function named(text: string): readonly Fault[] {
  const names = text.split(",");
  const unknown = names.filter((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no fault ${unknown.join(", ")}.`);
  return FAULTS.filter(({ name }) => names.includes(name));
}

function states(text: string): readonly State[] {
  const unknown = text.split(",").filter((name) => !(STATES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no state ${unknown.join(", ")}.`);
  return STATES.filter((name) => text.split(",").includes(name));
}

function sliceOf(text: string): Slice {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!number || !of || number > of)
    throw new InvalidArgumentError("It is a number and a count, such as 2/6.");
  return { number, of };
}

const list = FAULTS.map(({ name, what }) => `  ${name.padEnd(18)} ${what}`).join("\n");

runToEnd(
  developersCommand(
    "npm run faults --",
    "Each fault done to a cluster without a job, to a running job, and while a job's last output is delivered, on a local cloud of three nodes: what has come of it, and what it has left. Linux and root only.",
  )
    .option("--only <name,...>", "these faults alone", named)
    .option("--state <name,...>", `in these states alone: ${STATES.join(", ")}`, states)
    .option("--slice <n/m>", "the n-th of m parts of the rows, such as 2/6", sliceOf)
    .option("--json", "one JSON object on stdout instead of a table")
    .addHelpText(
      "after",
      `\nFaults:\n${list}\n\nExit status: 0 all is as expected, 1 it is not, 2 invalid arguments.`,
    )
    .action(withStatus(faults)),
);
