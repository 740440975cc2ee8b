import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type FaultCloud, startFaultCloud } from "../../faults/cloud.js";
import type { Fault } from "../../faults/fault.js";
import { FAULTS, s3Fails } from "../../faults/matrix.js";
import { runFault } from "../../faults/run.js";

const MINUTE_MS = 60_000;
const PROGRAM = join(__dirname, "../../fixtures/jobs/checks-in.py");
const IN_GATE = ["kill-agent-head", "freeze-worker", "kill-worker"];

let cloud: FaultCloud;
beforeAll(async () => {
  const projectRoot = join(__dirname, "../../..");
  cloud = await startFaultCloud("test-faults", 2, projectRoot, (line) => process.stderr.write(`${line}\n`));
}, 6 * MINUTE_MS);
afterAll(async () => {
  expect(await cloud?.goDown()).toEqual([]);
}, 2 * MINUTE_MS);

/** A few of `npm run faults`, the quickest. How long they take is that command's matter: a busy machine is slow. */
const faults: readonly Fault[] = [...FAULTS.filter(({ name }) => IN_GATE.includes(name)), s3Fails(5)];

test.each(faults)(
  "$name: $what",
  async (fault) => {
    const untimed = { ...fault, expected: { ...fault.expected, withinSeconds: null } };
    expect(await runFault(untimed, cloud, PROGRAM)).toMatchObject({ left: [], differs: [] });
  },
  5 * MINUTE_MS,
);
