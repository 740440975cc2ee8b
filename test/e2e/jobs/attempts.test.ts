import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { CANCELLED_ON_REQUEST } from "../../../agent/contract/reasons.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { fileRequest } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { jobsOnSharedCluster } from "../../support/shared-cluster/jobs.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
const PROGRAM = join(__dirname, "../../fixtures/jobs/attempts.py");
/** Its ranks ignore SIGTERM, in sessions of their own. */
const STUBBORN = [
  "import os, signal, time",
  "from mpi4py import MPI",
  "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
  "if os.fork() == 0: os.setsid()",
  "print('ready', flush=True)",
  "time.sleep(300)",
].join("\n");

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const { access, submit, ended, count, processesOn, expectNothingLeft } = jobsOnSharedCluster(
  () => ({ journey, cluster }),
  {
    ...{ prefix: "attempts", timeoutSeconds: 300, waitSeconds: 120 },
    signalMs: 2 * MINUTE_MS,
  },
);
async function attemptsOf({ id }: JobItem): Promise<readonly AttemptItem[]> {
  return waitFor({
    what: "the attempts' logs",
    timeoutSeconds: 60,
    look: () => access().jobs.attempts(cluster.uuid, id),
    isDone: (attempts) => attempts.every(({ logState }) => logState !== "pending"),
    describe: (attempts) => attempts.map(({ logState }) => logState).join(),
  });
}

async function inPhase({ id }: JobItem, phase: JobItem["phase"]): Promise<void> {
  await waitFor({
    what: `the job in ${phase}`,
    timeoutSeconds: 60,
    look: async () => (await access().jobs.read(cluster.uuid, id))?.phase,
    isDone: (now) => now === phase,
    describe: String,
  });
}

const fails = (failures: number, retries: JobRequest["retries"]): JobRequest => ({
  ...fileRequest(PROGRAM, [`/shared/attempts-${count()}`, `${failures}`]),
  ...(retries === undefined ? {} : { retries }),
});
const PHASES = ["source", "preflight", "launching", "running", "delivering", "ended"];

describe("a job that fails", () => {
  test("once is tried again from a clean folder, and each attempt has its record and its log", async () => {
    const job = await ended(await submit(fails(1, { count: 3, delaySeconds: 1, on: ["failure"] })));
    expect(job).toMatchObject({ status: "FINISHED", attempt: 2, exitCode: 0, reasonCode: null });
    expect(job.lastLines).toEqual(["attempt 2 finds ['attempts.py']"]);
    const attempts = await attemptsOf(job);
    expect(attempts).toMatchObject([
      {
        ...{ number: 1, status: "FAILED", reasonCode: "rank-exited", exitCode: 3, logState: "delivered" },
      },
      { number: 2, status: "FINISHED", reasonCode: null, exitCode: 0, logState: "delivered" },
    ]);
    expect(new Set(attempts.map(({ log }) => log?.uri)).size).toBe(2);
    expect(attempts[0]?.phaseTimes).toMatchObject(
      Object.fromEntries(PHASES.map((phase) => [phase, expect.any(String)])),
    );
    expect(Object.keys(attempts[1]?.phaseTimes ?? {}).sort()).toEqual(["retrying", ...PHASES].sort());
    await expectNothingLeft();
  });

  test("in all its attempts has failed with the last of them", async () => {
    const job = await ended(await submit(fails(9, { count: 1, delaySeconds: 0, on: ["rank-exited"] })));
    expect(job).toMatchObject({ status: "FAILED", attempt: 2, exitCode: 3, reasonCode: "rank-exited" });
    expect((await attemptsOf(job)).map(({ status }) => status)).toEqual(["FAILED", "FAILED"]);
  });

  test("is not tried again for what its policy does not name", async () => {
    const job = await ended(await submit(fails(1, { count: 1 })));
    expect(job).toMatchObject({ status: "FAILED", attempt: 1, reasonCode: "rank-exited" });
  });
});

describe("a job whose ranks do not end by themselves", () => {
  const stubborn = (request: Partial<JobRequest> = {}) => submit({ command: ["-c", STUBBORN], ...request });

  test("times out attempt by attempt, and leaves no process", async () => {
    const retries = { count: 1, delaySeconds: 0, on: ["timed-out"] };
    const job = await ended(await stubborn({ timeoutSeconds: 2, retries }));
    expect(job).toMatchObject({ status: "FAILED", attempt: 2, reasonCode: "timed-out" });
    expect((await attemptsOf(job)).map(({ reasonCode }) => reasonCode)).toEqual(["timed-out", "timed-out"]);
    await expectNothingLeft();
  });

  test("ends when the whole job's time is over", async () => {
    const job = await ended(await stubborn({ jobTimeoutSeconds: 3 }));
    expect(job).toMatchObject({ status: "FAILED", attempt: 1, reasonCode: "job-timed-out" });
    await expectNothingLeft();
  });

  test("is cancelled while it runs, and leaves no process", async () => {
    const job = await stubborn();
    await inPhase(job, "running");
    await access().jobs.requestCancel(cluster.uuid, job.id);
    const cancelled = await ended(job);
    expect(cancelled).toMatchObject({ status: "CANCELLED", reasonCode: "cancelled-on-request", attempt: 1 });
    expect(await attemptsOf(job)).toMatchObject([{ number: 1, status: "CANCELLED" }]);
    await expectNothingLeft();
  });
});

test("a job that is got ready behind another is on no other node, and is gone soon after its cancel", async () => {
  const sleeps = (seconds: number) => submit({ command: ["-c", `import time; time.sleep(${seconds})`] });
  await inPhase(await sleeps(3), "running");
  const [running, waiting] = [await sleeps(60), await submit({ command: ["-c", "'waits'"] })];
  const nodesWithIt = async () => {
    const lines = await Promise.all(cluster.nodes.map(({ id }) => processesOn(id)));
    return cluster.nodes
      .map(({ id }) => id)
      .filter((_, n) => lines[n]?.some((line) => line.includes("'waits'")));
  };
  const onNodes = (nodes: readonly (string | null)[], timeoutSeconds: number) =>
    waitFor({
      ...{ what: `the waiting job's processes on ${nodes.length} nodes`, timeoutSeconds },
      look: nodesWithIt,
      isDone: (found) => found.join() === nodes.join(),
      describe: (found) => found.join(),
    });
  await onNodes([cluster.headInstanceId], 30);
  await access().jobs.cancelQueued(cluster.uuid, waiting.id, CANCELLED_ON_REQUEST, new Date());
  await onNodes([], 6);
  expect((await ended(waiting)).status).toBe("CANCELLED");
  await access().jobs.requestCancel(cluster.uuid, running.id);
  await ended(running);
  await expectNothingLeft();
});

test("a job is cancelled while it waits for its next attempt", async () => {
  const job = await submit(fails(1, { count: 1, delaySeconds: 3_000, on: ["failure"] }));
  await inPhase(job, "retrying");
  await access().jobs.requestCancel(cluster.uuid, job.id);
  const cancelled = await ended(job);
  expect(cancelled).toMatchObject({ status: "CANCELLED", reasonCode: "cancelled-on-request", attempt: 1 });
  expect(await attemptsOf(job)).toMatchObject([{ number: 1, status: "FAILED", reasonCode: "rank-exited" }]);
});
