import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type FaultCloud, startFaultCloud } from "../../faults/cloud.js";
import { FAULTS, type MatrixRow, registryFails, rowsOf, s3Fails } from "../../faults/matrix.js";
import { runFault } from "../../faults/run.js";

const MINUTE_MS = 60_000;
const PROGRAM = join(__dirname, "../../fixtures/jobs/checks-in.py");
/** A third of the faults, each in its quickest state. */
const IN_GATE = [
  "kill-agent-head running",
  "kill-agent-worker delivering",
  "kill-mpiexec running",
  "freeze-worker running",
  "kill-worker idle",
  "spot-worker idle",
  "rebalance-worker idle",
];

let cloud: FaultCloud;
beforeAll(async () => {
  const projectRoot = join(__dirname, "../../..");
  cloud = await startFaultCloud("test-faults", 2, projectRoot, (line) => process.stderr.write(`${line}\n`));
}, 6 * MINUTE_MS);
afterAll(async () => {
  expect(await cloud?.goDown()).toEqual([]);
}, 2 * MINUTE_MS);

const rows: readonly MatrixRow[] = [
  ...rowsOf(FAULTS).filter(({ fault, state }) => IN_GATE.includes(`${fault.name} ${state}`)),
  ...rowsOf([s3Fails(5), registryFails("down", 20)], ["running"]),
];

/** A few of `npm run faults`, the quickest. How long they take is that command's matter: a busy machine is slow. */
test.each(rows.map((row) => ({ ...row, name: row.fault.name, what: row.fault.what })))(
  "$name, $state: $what",
  async ({ fault, state }) => {
    const untimed = { ...fault, expected: { ...fault.expected, withinSeconds: null } };
    expect(await runFault(untimed, state, cloud, PROGRAM)).toMatchObject({ left: [], differs: [] });
  },
  5 * MINUTE_MS,
);
