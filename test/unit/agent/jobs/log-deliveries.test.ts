import { afterEach, describe, expect, test } from "@jest/globals";
import { attemptOf } from "../../../../agent/contract/job-attempt.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createLogDeliveries, type LogDeliveries } from "../../../../agent/jobs/log-deliveries.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { until } from "../../../support/agent/job-runs.js";
import { queuedJob } from "../../../support/agent/jobs.js";

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

/** A head that has the output of these jobs in its records. `asked`: what it brings to the bucket, in order. */
async function headWith(...jobs: readonly JobItem[]) {
  const fake = fakeWorld(...jobs);
  for (const job of jobs) {
    fake.outputs.set(recordsOf(job.id), "hello\n");
    const record = attemptOf(job);
    if (record !== null) await fake.table.registry.recordAttempt(record);
  }
  const asked: { readonly jobId: string; readonly exitCode: number | null }[] = [];
  const { deliver } = fake.deps.delivery;
  fake.deps.delivery.deliver = async (of, signal) => {
    asked.push({ jobId: of.jobId, exitCode: of.exitCode });
    return deliver(of, signal);
  };
  const start = () => {
    deliveries = createLogDeliveries({ ...fake.deps, isJobRunning: () => false });
    deliveries.start();
  };
  return { fake, asked, start };
}

describe("a log that comes after its job's end", () => {
  test.each([3, 0, null])("says the exit code of its attempt: %p", async (exitCode) => {
    const job = ended("k", { exitCode });
    const { fake, asked, start } = await headWith(job);
    start();
    await until(() => fake.table.get(job.id).logState === "delivered", "the log is delivered");
    expect(asked).toEqual([{ jobId: job.id, exitCode }]);
  });
});
