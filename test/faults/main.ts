import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { developersCommand, runToEnd, withStatus } from "../../scripts/system/command-line.js";
import { startFaultCloud } from "./cloud.js";
import type { Fault, Row } from "./fault.js";
import { FAULTS } from "./matrix.js";
import { renderRows } from "./report.js";
import { runFault } from "./run.js";

interface FaultsOptions {
  /** Default: all. */
  readonly only?: readonly Fault[];
  readonly json?: true;
}

const NODES = 3;

/** A fault whose run fails by itself is a row too, so that the others are still run. */
async function rowOf(fault: Fault, run: () => Promise<Row>): Promise<Row> {
  try {
    return await run();
  } catch (error) {
    const differs = [(error as Error).message];
    const none = { status: "-", reasonCode: null, reason: null, attempts: 0, seconds: Number.NaN, left: [] };
    return { fault: fault.name, ...none, differs };
  }
}

async function faults({ only = FAULTS, json }: FaultsOptions): Promise<number> {
  const projectRoot = resolve(import.meta.dirname, "../..");
  const program = join(projectRoot, "test/fixtures/jobs/checks-in.py");
  const say = (line: string): void => console.error(line);
  const cloud = await startFaultCloud("faults", NODES, projectRoot, say);
  const rows: Row[] = [];
  let left: readonly string[] = [];
  try {
    for (const fault of only) {
      say(`${new Date().toISOString()} ${fault.name}: ${fault.what}`);
      const row = await rowOf(fault, () => runFault(fault, cloud, program));
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

const list = FAULTS.map(({ name, what }) => `  ${name.padEnd(18)} ${what}`).join("\n");

runToEnd(
  developersCommand(
    "npm run faults --",
    "Each fault done to a running job, on a local cloud of three nodes: what has come of it, and what it has left. Linux and root only.",
  )
    .option("--only <name,...>", "these faults alone", named)
    .option("--json", "one JSON object on stdout instead of a table")
    .addHelpText(
      "after",
      `\nFaults:\n${list}\n\nExit status: 0 all is as expected, 1 it is not, 2 invalid arguments.`,
    )
    .action(withStatus(faults)),
);
