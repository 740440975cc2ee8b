import { once } from "node:events";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { JobItem, JobRequest } from "../../../../agent/contract/registry.js";
import { createJobRunner, type JobRunner, nextJob } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { type Fake, inPhase, until } from "../../../support/agent/job-runs.js";
import { queuedJob } from "../../../support/agent/jobs.js";

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

/** Jobs in the order of their submission. */
const inOrder = (count: number, request: Partial<JobRequest> = {}): readonly JobItem[] =>
  Array.from({ length: count }, (_, index) =>
    queuedJob(`job-${index}`, request, `2026-01-01T00:00:0${index}Z`),
  );

/** A head with these jobs, whose bucket answers once `answer` is called. Time stands still while it does not. */
function slowBucket(...jobs: readonly JobItem[]) {
  const fake = fakeWorld(...jobs);
  const { deliver } = fake.deps.delivery;
  const asked: string[] = [];
  const answered = new AbortController();
  fake.deps.delivery.deliver = async (log, signal) => {
    asked.push(log.jobId);
    const is = AbortSignal.any([answered.signal, signal]);
    if (!is.aborted) await once(is, "abort");
    signal.throwIfAborted();
    return deliver(log, signal);
  };
  const { clock } = fake.deps;
  const sleep = (ms: number, signal?: AbortSignal) =>
    asked.length > 0 && !answered.signal.aborted
      ? new Promise<void>((resolve) => setTimeout(resolve, 1))
      : clock.sleep(ms, signal);
  const deps = { ...fake.deps, clock: { ...clock, sleep } };
  runner = createJobRunner(deps);
  runner.start();
  return { fake, deps, asked, answer: () => answered.abort() };
}

const statusOf = (fake: Fake, { id }: JobItem) => fake.table.get(id).status;

async function runsAndEnds(fake: Fake, job: JobItem): Promise<void> {
  await inPhase(fake, job, "running");
  fake.node.end(job.id, 0);
}

/** Some rounds in which something could have happened. */
async function aWhile(): Promise<void> {
  for (let round = 0; round < 200; round += 1) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
}

const [first, second] = inOrder(2) as [JobItem, JobItem];

describe("a job whose program has ended", () => {
  test("keeps no other waiting for its log, and ends once that is there", async () => {
    const { fake, answer } = slowBucket(first, second);
    await runsAndEnds(fake, first);
    await inPhase(fake, second, "running");
    expect(fake.table.get(first.id)).toMatchObject({
      status: "INPROGRESS",
      phase: "delivering",
      exitCode: 0,
    });
    expect(runner?.running()).toBe(second.id);
    answer();
    await inPhase(fake, first, "ended");
    expect(fake.table.get(first.id)).toMatchObject({ status: "FINISHED", logState: "delivered" });
    expect(fake.table.get(second.id)).toMatchObject({ status: "INPROGRESS", phase: "running" });
    await runsAndEnds(fake, second);
    await inPhase(fake, second, "ended");
    expect(fake.table.history.filter((line) => line.endsWith("FINISHED"))).toHaveLength(2);
    expect(fake.node.started).toEqual([first.id, second.id]);
  });

  test("is what the head runs, while no other does", async () => {
    const { fake, asked, answer } = slowBucket(first);
    await runsAndEnds(fake, first);
    await until(() => asked.length > 0, "the bucket is asked");
    await aWhile();
    expect(runner?.running()).toBe(first.id);
    expect(runner?.seen()).toMatchObject({ running: first.id, waiting: 0 });
    expect(runner?.worksOn(fake.table.get(first.id).launchedOn?.address ?? "")).toBe(true);
    answer();
    await until(() => runner?.running() === null, "nothing runs");
    expect(statusOf(fake, first)).toBe("FINISHED");
  });

  test("keeps others waiting while processes of it are left", async () => {
    const { fake, deps } = slowBucket(first, second);
    const { signal } = fake.deps.processes;
    let tries = 0;
    deps.processes.signal = async () => {
      tries += 1;
      throw new Error("processes are left");
    };
    await runsAndEnds(fake, first);
    await until(() => tries > 2, "its processes are ended again and again");
    expect(fake.table.get(second.id)).toMatchObject({ status: "NEW" });
    deps.processes.signal = signal;
    await inPhase(fake, second, "running");
  });

  test("keeps others waiting where it is tried again: no other comes between its attempts", async () => {
    const [retried, later] = inOrder(2, { retries: { count: 1, delaySeconds: 0, on: ["failure"] } });
    if (retried === undefined || later === undefined) throw new Error("there are two");
    const { fake, asked, answer } = slowBucket(retried, later);
    await inPhase(fake, retried, "running");
    fake.node.end(retried.id, 1);
    await until(() => asked.length > 0, "the bucket is asked");
    await aWhile();
    expect(statusOf(fake, later)).toBe("NEW");
    answer();
    await until(() => fake.table.get(retried.id).attempt === 2, "the second attempt");
    expect(statusOf(fake, later)).toBe("NEW");
    await inPhase(fake, retried, "running");
    // Of the last attempt no other follows.
    fake.node.end(retried.id, 1);
    await inPhase(fake, later, "running");
  });

  test("keeps a fifth waiting where four wait for the bucket", async () => {
    const jobs = inOrder(6);
    const { fake, answer } = slowBucket(...jobs);
    for (const job of jobs.slice(0, 5)) await runsAndEnds(fake, job);
    const [fifth, sixth] = jobs.slice(4) as [JobItem, JobItem];
    await inPhase(fake, fifth, "delivering");
    await aWhile();
    expect(statusOf(fake, sixth)).toBe("NEW");
    answer();
    await inPhase(fake, sixth, "running");
    for (const job of jobs.slice(0, 5)) await inPhase(fake, job, "ended");
  });

  test("is no other head's any more: this one writes nothing of it, and the next ends it", async () => {
    const { fake, asked, answer } = slowBucket(first, second);
    await runsAndEnds(fake, first);
    await inPhase(fake, second, "running");
    await until(() => asked.length > 0, "the bucket is asked");
    fake.world.generation = 2;
    answer();
    runner?.wake();
    await inPhase(fake, first, "ended");
    expect(fake.table.get(first.id)).toMatchObject({ status: "FINISHED", leaseGeneration: 2 });
    expect(fake.table.get(second.id)).toMatchObject({ status: "INPROGRESS", phase: "running" });
    expect(fake.node.started).toEqual([first.id, second.id]);
  });

  test("ends although the registry fails for a moment", async () => {
    const { fake, deps, answer } = slowBucket(first, second);
    await runsAndEnds(fake, first);
    await inPhase(fake, second, "running");
    const { recordAttempt } = fake.deps.registry;
    let failures = 0;
    deps.registry.recordAttempt = async (record) => {
      if (record.jobId !== first.id) return recordAttempt(record);
      failures += 1;
      if (failures < 3) throw new Error("the table is throttled");
      return recordAttempt(record);
    };
    answer();
    await inPhase(fake, first, "ended");
    expect(failures).toBe(3);
  });
});

describe("of what an earlier head has left", () => {
  test("a job whose log is brought is taken first: it keeps the one that runs unwatched for moments only", () => {
    const left = (id: string, phase: JobItem["phase"]): JobItem => ({
      ...queuedJob(id),
      ...{ status: "INPROGRESS", phase, leaseGeneration: 1 },
    });
    const [runs, delivers] = [left("a", "running"), left("b", "delivering")];
    expect(nextJob([runs, delivers], 2, true)).toBe(delivers);
    expect(nextJob([runs], 2, true)).toBe(runs);
  });
});
