import { describe, expect, test } from "@jest/globals";
import { because, CANCELLED_ON_REQUEST } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import type { Ending } from "../../../../agent/jobs/attempt.js";
import { conclude } from "../../../../agent/jobs/conclusion.js";
import { createProgress } from "../../../../agent/jobs/progress.js";
import { runtimesFor } from "../../../../agent/jobs/runtimes.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

const WHY = because("mpiexec-failed", "mpiexec exited with code 3");
const FAILED: Ending = { event: "fail", ...WHY, exitCode: 3 };
const CANCELLED: Ending = { event: "cancel", ...CANCELLED_ON_REQUEST, exitCode: null };

/** A job that was claimed at 00:00:00, whose attempt ends at 00:00:40; it may be tried again after `delaySeconds`. */
function ends(delaySeconds: number, change: Partial<JobItem> = {}, jobTimeoutSeconds?: number) {
  const retries = { count: 1, delaySeconds, on: ["failure"] };
  const limit = jobTimeoutSeconds === undefined ? {} : { jobTimeoutSeconds };
  const job: JobItem = {
    ...queuedJob("k", { retries, ...limit }),
    ...{ status: "INPROGRESS", phase: "delivering", attempt: 1, leaseGeneration: 1 },
    ...{ claimedAt: "2026-01-01T00:00:00.000Z", ...change },
  };
  const { deps, table } = fakeWorld(job);
  const clock = manualClock();
  clock.advance(40_000);
  const progress = createProgress(job, { ...deps, clock });
  const settings = { ...deps.settings, runtimes: runtimesFor("x64", true) };
  const concluded = (ending: Ending, used: Parameters<typeof conclude>[1] = null) =>
    conclude(ending, used, progress, { ...deps, clock, settings });
  return { job, table, progress, concluded };
}

describe("a job whose attempt has failed, and whose policy has it tried again", () => {
  test("waits where the next attempt begins before the whole job's time is over", async () => {
    const { progress, concluded } = ends(59, {}, 100);
    expect(await concluded(FAILED)).toBe("retrying");
    const { phase, retryAt } = progress.item();
    expect({ phase, retryAt }).toEqual({ phase: "retrying", retryAt: "2026-01-01T00:01:39.000Z" });
  });

  test("has ended where the next attempt would begin just when the whole job's time is over", async () => {
    const { job, table, concluded } = ends(60, {}, 100);
    expect(await concluded(FAILED)).toBe("ended");
    expect(table.get(job.id)).toMatchObject({ status: "FAILED", ...WHY, exitCode: 3, retryAt: null });
  });

  test("waits as long as it says where the whole job has no limit", async () => {
    const { progress, concluded } = ends(86_400);
    expect(await concluded(FAILED)).toBe("retrying");
    expect(progress.item().retryAt).toBe("2026-01-02T00:00:40.000Z");
  });

  test("is lost to the head that has claimed it meanwhile, which ends it", async () => {
    const { job, table, concluded } = ends(60, {}, 100);
    table.set(job.id, { leaseGeneration: 2 });
    expect(await concluded(FAILED)).toBe("lost");
    expect(table.get(job.id)).toMatchObject({ status: "INPROGRESS", leaseGeneration: 2 });
  });
});

describe("the end of an attempt says what it has used", () => {
  const address = "10.0.0.1";
  const used = (nodeCount: number) => ({
    ...{ nodeCount, usage: () => [{ address, peakMemoryBytes: 5, cpuSeconds: 2 }] },
  });
  const usage = { nodes: 1, peakMemoryBytes: 5, peakMemoryAddress: address, cpuSeconds: 2 };

  test.each([
    ["by which network, of Intel MPI", "intel", { ...usage, silentNodes: 1, network: "efa" }],
    ["without a network, of MPICH", "mpich", { ...usage, silentNodes: 1 }],
  ] as const)("%s", async (_name, runtime, expected) => {
    const { job, table, concluded } = ends(60, { request: { command: ["pi.py"], runtime } });
    expect(await concluded(FAILED, used(2))).toBe("ended");
    expect(table.get(job.id).usage).toEqual(expected);
    expect(table.attempt(job.id)?.usageByNode).toEqual(used(2).usage());
  });

  test("and nothing where no node has said it", async () => {
    const { job, table, concluded } = ends(60, { request: { command: ["pi.py"], runtime: "intel" } });
    await concluded(FAILED, { nodeCount: 2, usage: () => [] });
    expect(table.get(job.id).usage).toBeNull();
  });
});

describe("a job that is cancelled while it waits for its next attempt", () => {
  const waiting: Partial<JobItem> = {
    ...{ phase: "retrying", retryAt: "2026-01-01T00:10:00.000Z", exitCode: 3, lastLines: ["no"] },
  };

  test("ends so, with what its last attempt has left, whose record stays", async () => {
    const { job, table, concluded } = ends(600, waiting);
    expect(await concluded(CANCELLED)).toBe("ended");
    const end = { status: "CANCELLED", ...CANCELLED_ON_REQUEST, endedAt: "2026-01-01T00:00:40.000Z" };
    expect(table.get(job.id)).toMatchObject({ ...end, exitCode: 3, lastLines: ["no"], retryAt: null });
    expect(table.attempt(job.id)).toBeNull();
  });

  test("is lost to the head that has claimed it meanwhile", async () => {
    const { job, table, concluded } = ends(600, waiting);
    table.set(job.id, { leaseGeneration: 2 });
    expect(await concluded(CANCELLED)).toBe("lost");
    expect(table.get(job.id)).toMatchObject({ status: "INPROGRESS", phase: "retrying" });
  });
});

test("the end of a job that is written already is not written again", async () => {
  const { job, table, concluded } = ends(60, { status: "FINISHED", phase: "ended", exitCode: 0 });
  expect(await concluded(FAILED)).toBe("ended");
  expect(table.get(job.id)).toMatchObject({ status: "FINISHED", exitCode: 0 });
  expect(table.history).toEqual([]);
});
