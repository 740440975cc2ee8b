import { afterEach, describe, expect, test } from "@jest/globals";
import { attemptOf } from "../../../../agent/contract/job-attempt.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import {
  createLogDeliveries,
  type LogDeliveries,
  LogRefusedError,
} from "../../../../agent/jobs/log-deliveries.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { until } from "../../../support/agent/job-runs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

let deliveries: LogDeliveries | null = null;
afterEach(async () => {
  await deliveries?.stop();
  deliveries = null;
});

/** A job that has ended without its log. */
const ended = (key: string, change: Partial<JobItem> = {}): JobItem => ({
  ...queuedJob(key),
  ...{ status: "FAILED", phase: "ended", attempt: 1, leaseGeneration: 1, logState: "pending" },
  ...{ ...because("mpiexec-failed", "mpiexec exited with code 3"), exitCode: 3 },
  ...{ launchedOn: { instanceId: "i-a", address: "10.0.0.1" }, ranks: 4, ...change },
});

const running = (key: string): JobItem =>
  ended(key, { status: "INPROGRESS", phase: "running", logState: "none" });

/** A head that has the output of these jobs in its records. `asked`: what it brings to the bucket, in order, and when. */
async function headWith(...jobs: readonly JobItem[]) {
  const fake = fakeWorld(...jobs);
  for (const job of jobs) {
    fake.outputs.set(recordsOf(job.id), "hello\n");
    const record = attemptOf(job);
    if (record !== null) await fake.table.registry.recordAttempt(record);
  }
  const clock = manualClock();
  const asked: { readonly jobId: string; readonly exitCode: number | null; readonly atSeconds: number }[] =
    [];
  const { deliver } = fake.deps.delivery;
  fake.deps.delivery.deliver = async (of, signal) => {
    // A bucket is no sooner: who asks it without a pause lets others work.
    await new Promise((resolve) => setImmediate(resolve));
    asked.push({ jobId: of.jobId, exitCode: of.exitCode, atSeconds: clock.monotonicMs() / 1_000 });
    return deliver(of, signal);
  };
  const start = () => {
    deliveries = createLogDeliveries({ ...fake.deps, clock, isJobRunning: () => false });
    deliveries.start();
  };
  /** So long, second by second. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
  }
  return { fake, clock, asked, start, pass };
}

/** How long was between each two of them. */
const gapsOf = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe("a log that comes after its job's end", () => {
  test.each([3, 0, null])("says the exit code of its attempt: %p", async (exitCode) => {
    const job = ended("k", { exitCode });
    const { fake, asked, start } = await headWith(job);
    start();
    await until(() => fake.table.get(job.id).logState === "delivered", "the log is delivered");
    expect(asked).toMatchObject([{ jobId: job.id, exitCode }]);
  });

  test.each<[string, Error, readonly number[]]>([
    ["does not answer, is tried ever more seldom", new Error("503"), [1, 2, 4, 8, 16, 32, 60, 60]],
    ["refuses it, is tried each five minutes", new LogRefusedError("AccessDenied"), [300, 300]],
  ])("and whose bucket %s", async (_name, error, gaps) => {
    const { fake, asked, start, pass } = await headWith(ended("k"));
    fake.world.deliveryError = error;
    start();
    await pass(gaps.reduce((sum, gap) => sum + gap, 5));
    expect(gapsOf(asked.map(({ atSeconds }) => atSeconds))).toEqual(gaps);
  });
});

test("of several logs that wait, the one that has waited longest is next: none that fails keeps others back", async () => {
  const jobs = ["a", "b", "c"].map((key) => ended(key));
  const { fake, clock, asked, start, pass } = await headWith(...jobs);
  const { deliver } = fake.deps.delivery;
  fake.deps.delivery.deliver = async (of, signal) => {
    await clock.sleep(3_000, signal);
    return deliver(of, signal);
  };
  fake.world.deliveryError = new Error("503");
  start();
  await pass(20);
  expect(asked.slice(0, 6).map(({ jobId }) => jobId)).toEqual([...jobs, ...jobs].map(({ id }) => id));
});

describe("the output of a job that runs", () => {
  /** When it is shipped, in seconds. */
  function watchShips({ fake, clock }: Awaited<ReturnType<typeof headWith>>) {
    const times: number[] = [];
    const { ship } = fake.deps.delivery;
    fake.deps.delivery.ship = async (of, signal) => {
      times.push(clock.monotonicMs() / 1_000);
      return ship(of, signal);
    };
    return times;
  }

  test("is shipped each second, and the registry asked about the job once a minute", async () => {
    const head = await headWith(running("k"));
    const { read } = head.fake.deps.registry;
    const reads: number[] = [];
    head.fake.deps.registry.read = async (id) => {
      reads.push(head.clock.monotonicMs() / 1_000);
      return read(id);
    };
    const ships = watchShips(head);
    head.start();
    await head.pass(130);
    expect(reads).toEqual([0, 60, 120]);
    expect(ships.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  });

  test.each([new Error("503"), new LogRefusedError("AccessDenied")])(
    "is tried at least each ten seconds, for people look at it, after %s",
    async (error) => {
      const head = await headWith(running("k"));
      head.fake.world.deliveryError = error;
      const ships = watchShips(head);
      head.start();
      await head.pass(60);
      expect(gapsOf(ships).slice(-3)).toEqual([10, 10, 10]);
    },
  );

  test("is shipped each second again, and tried soon after a failure, once the bucket is back", async () => {
    const head = await headWith(running("k"));
    head.fake.world.deliveryError = new Error("503");
    const ships = watchShips(head);
    head.start();
    await head.pass(40);
    head.fake.world.deliveryError = null;
    await head.pass(15);
    expect(gapsOf(ships).slice(-3)).toEqual([1, 1, 1]);
    head.fake.world.deliveryError = new Error("503");
    await head.pass(4);
    expect(gapsOf(ships).slice(-2)).toEqual([1, 2]);
  });
});
