import { afterEach, describe, expect, test } from "@jest/globals";
import { NO_REASON } from "../../../../agent/contract/reasons.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { agents, inPhase, until } from "../../../support/agent/job-runs.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const head = agents();
afterEach(head.stop);

describe("a job's time", () => {
  test("runs from its start: an mpiexec that is slow to come costs it nothing", async () => {
    const job = queuedJob("k", { timeoutSeconds: 20 });
    const fake = fakeWorld(job);
    const { start } = fake.deps.processes;
    fake.deps.processes.start = async (...given) => {
      await fake.clock.sleep(30_000);
      await start(...given);
    };
    head.start(fake);
    await inPhase(fake, job, "ended");
    const { startedAt, endedAt, reasonCode } = fake.table.get(job.id);
    expect(reasonCode).toBe("timed-out");
    expect(Date.parse(endedAt ?? "") - Date.parse(startedAt ?? "")).toBeGreaterThanOrEqual(20_000);
  });
});

describe("a job that has to end, and whose processes take their time", () => {
  test("says why once they have ended, and not before: it still runs", async () => {
    const job = queuedJob("k", { timeoutSeconds: 20 });
    const fake = fakeWorld(job);
    const { signal } = fake.deps.processes;
    const sent: string[] = [];
    fake.deps.processes.signal = async (_jobId, name) => void sent.push(name);
    head.start(fake);
    await until(() => sent.includes("SIGTERM"), "it is told to end");
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 2_000, "two seconds");
    expect(fake.table.get(job.id)).toMatchObject({ phase: "running", ...NO_REASON });
    fake.deps.processes.signal = signal;
    fake.node.end(job.id, 255);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FAILED", reasonCode: "timed-out" });
  });
});
