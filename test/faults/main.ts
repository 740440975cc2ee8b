import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { ownCloud } from "../../scripts/local/own-cloud.js";
import { developersCommand, runToEnd, withStatus } from "../../scripts/system/command-line.js";
import { startFaultCloud } from "./cloud.js";
import { type Fault, type Row, STATES, type State } from "./fault.js";
import { FAULTS, type MatrixRow, rowsOf } from "./matrix.js";
import { renderRows } from "./report.js";
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

/** A fault whose run fails by itself is a row too, so that the others are still run. */
async function rowOf({ fault, state }: MatrixRow, run: () => Promise<Row>): Promise<Row> {
  try {
    return await run();
  } catch (error) {
    const differs = [(error as Error).message];
    const none = { status: "-", reasonCode: null, reason: null, attempts: 0, seconds: Number.NaN, left: [] };
    return { fault: fault.name, state, ...none, differs };
  }
}

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
  await ownCloud("npm run faults", CLOUD);
  const cloud = await startFaultCloud(CLOUD, NODES, projectRoot, say);
  const rows: Row[] = [];
  let left: readonly string[] = [];
  try {
    for (const each of chosen) {
      say(`${new Date().toISOString()} ${each.fault.name}, ${each.state}: ${each.fault.what}`);
      const row = await rowOf(each, () => runFault(each.fault, each.state, cloud, program));
      rows.push(row);
      say(renderRows([row]));
    }
  } finally {
    left = await cloud.goDown();
  }
  console.log(json ? JSON.stringify({ rows, left }) : `\n${renderRows(rows)}`);
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
