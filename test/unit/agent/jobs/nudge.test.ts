import { afterEach, describe, expect, test } from "@jest/globals";
import { createQueueHints, mergeNudges, nudgeOf } from "../../../../agent/jobs/nudge.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeRegistry, fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { memorySubmissions } from "../../../support/memory-jobs.js";

describe("a nudge", () => {
  test("of a job has what the queue shows of it, and none of what it runs", () => {
    const job = queuedJob("k", { environment: { SECRET: "1" } });
    const { jobId, queued } = nudgeOf(job);
    expect([jobId, queued]).toEqual([job.id, expect.objectContaining({ id: job.id, status: "NEW" })]);
    expect(JSON.stringify(queued)).not.toContain("SECRET");
  });

  test("and another one are one: of the same job, or of any", () => {
    const [a, b] = [nudgeOf(queuedJob("a")), nudgeOf(queuedJob("b"))];
    expect(mergeNudges(a, { jobId: a.jobId })).toEqual(a);
    expect(mergeNudges(a, b)).toEqual({ jobId: null });
  });
});

describe("what a head knows of its queue", () => {
  const job = queuedJob();
  test("serves a nudge once, after a look that found nothing", async () => {
    const hints = createQueueHints(fakeRegistry(job).registry);
    hints.looked(1, true);
    hints.note({ jobId: job.id });
    expect(await hints.take(1)).toMatchObject({ entry: { id: job.id }, job: { id: job.id } });
    hints.note({ jobId: job.id });
    expect(await hints.take(1)).toBeNull();
  });

  test.each<[string, (hints: ReturnType<typeof createQueueHints>) => void]>([
    ["the queue was not looked at", (hints) => hints.note({ jobId: job.id })],
    [
      "an older job was seen there",
      (hints) => {
        hints.looked(1, false);
        hints.note({ jobId: job.id });
      },
    ],
    [
      "another term has begun",
      (hints) => {
        hints.looked(2, true);
        hints.note({ jobId: job.id });
      },
    ],
    [
      "there were several",
      (hints) => {
        hints.looked(1, true);
        for (const jobId of [job.id, "job-2"]) hints.note({ jobId });
      },
    ],
    [
      "it is of no job",
      (hints) => {
        hints.looked(1, true);
        hints.note({ jobId: "job-none" });
      },
    ],
  ])("is asked of the queue where %s", async (_name, prepare) => {
    const hints = createQueueHints(fakeRegistry(job).registry);
    prepare(hints);
    expect(await hints.take(1)).toBeNull();
  });

  test("leaves out the job that it has ended, which the index may still show, and no other", () => {
    const hints = createQueueHints(fakeRegistry().registry);
    const ours = { ...job, status: "INPROGRESS", leaseGeneration: 1 } as const;
    hints.ended(ours);
    expect(hints.mayBeThere(ours)).toBe(false);
    expect(hints.mayBeThere({ ...ours, status: "NEW" })).toBe(true);
    expect(hints.mayBeThere({ ...ours, leaseGeneration: 2 })).toBe(true);
    expect(hints.mayBeThere({ ...ours, id: "job-2" })).toBe(true);
    // Another may end in the moments in which the index still shows this one.
    hints.ended({ ...ours, id: "job-2" });
    expect(hints.mayBeThere(ours)).toBe(false);
    expect(hints.mayBeThere({ ...ours, id: "job-2" })).toBe(false);
  });
});

describe("a head that is nudged", () => {
  let runner: JobRunner | null = null;
  afterEach(async () => {
    await runner?.stop();
    runner = null;
  });
  async function until(condition: () => boolean, what: string): Promise<void> {
    for (let round = 0; round < 5_000; round += 1) {
      if (condition()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`it never happened: ${what}`);
  }
  /** A head whose queue is empty, and which looks at it no more by itself: its clock stands. */
  async function idle(fake: ReturnType<typeof fakeWorld>) {
    const { registry } = fake.table;
    const seen = { looks: 0, reads: 0 };
    const watched = {
      ...registry,
      queue: async () => {
        seen.looks += 1;
        return registry.queue();
      },
      read: async (id: string) => {
        seen.reads += 1;
        return registry.read(id);
      },
    };
    const clock = { ...fake.deps.clock, sleep: (ms: number, signal?: AbortSignal) => standing(ms, signal) };
    const standing = (ms: number, signal?: AbortSignal): Promise<void> =>
      ms < 1_000
        ? fake.deps.clock.sleep(ms, signal)
        : new Promise((resolve) => {
            if (signal?.aborted) resolve();
            signal?.addEventListener("abort", () => resolve());
          });
    runner = createJobRunner({ ...fake.deps, registry: watched, clock });
    runner.start();
    await until(() => seen.looks === 1, "a look at the queue");
    await new Promise((resolve) => setImmediate(resolve));
    return { seen, head: runner };
  }

  test("takes the new job unread, without another look at the queue", async () => {
    const fake = fakeWorld();
    const { seen, head } = await idle(fake);
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    head.nudge(nudgeOf(job));
    await until(() => fake.node.started.includes(job.id), "the start");
    expect(seen).toEqual({ looks: 1, reads: 0 });
  });

  test("reads a job that it is only given the id of", async () => {
    const fake = fakeWorld();
    const { seen, head } = await idle(fake);
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    head.nudge({ jobId: job.id });
    await until(() => fake.node.started.includes(job.id), "the start");
    expect(seen).toEqual({ looks: 1, reads: 1 });
  });

  test.each<[string, Parameters<JobRunner["nudge"]>[0]]>([
    ["a job that there is not", { jobId: "job-none" }],
    ["a job that is made up", nudgeOf(queuedJob("made up"))],
    ["nothing in particular", { jobId: null }],
  ])("by %s starts nothing, and goes on", async (_name, nudge) => {
    const fake = fakeWorld();
    const { head } = await idle(fake);
    head.nudge(nudge);
    await new Promise((resolve) => setImmediate(resolve));
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    head.nudge({ jobId: null });
    await until(() => fake.node.started.length > 0, "a start");
    expect(fake.node.started).toEqual([job.id]);
  });

  test("ends a running job at once when its cancel is nudged", async () => {
    const fake = fakeWorld(queuedJob());
    const { id } = queuedJob();
    const { head } = await idle(fake);
    await until(() => fake.node.started.includes(id), "the start");
    fake.table.set(id, { cancelRequested: true });
    const nowMs = fake.clock.monotonicMs();
    head.nudge({ jobId: id });
    await until(() => fake.node.signals.includes("SIGTERM"), "a signal");
    expect(fake.clock.monotonicMs() - nowMs).toBeLessThan(2_000);
  });
});
