import { afterEach, describe, expect, test } from "@jest/globals";
import { because, CANCELLED_ON_REQUEST } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { agents, type Fake, inPhase, runs, until, watchLaunches } from "../../../support/agent/job-runs.js";
import { HOSTFILE, queuedJob } from "../../../support/agent/jobs.js";
import { type ManualClock, manualClock } from "../../../support/manual-clock.js";
import { memorySubmissions } from "../../../support/memory-jobs.js";

const head = agents();
afterEach(head.stop);

/** A step that goes on until it is interrupted; the signals that it was given. */
function endlessSource(fake: Fake): AbortSignal[] {
  const signals: AbortSignal[] = [];
  fake.deps.workspace.prepare = (_folder, _script, signal) =>
    new Promise((_resolve, reject) => {
      if (signal === undefined) return reject(new Error("it was given no signal"));
      signals.push(signal);
      signal.addEventListener("abort", () => reject(new Error("it was stopped")));
    });
  return signals;
}

/** Lets `ms` pass, in steps, with time for everybody to act in each. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a cancel", () => {
  type Prepare = (fake: Fake, job: JobItem, clock: ManualClock) => void;
  const cases: [JobItem["phase"], string, Prepare][] = [
    ["source", "that goes on", (fake) => void endlessSource(fake)],
    [
      "source",
      "that does not respect its signal",
      (fake) => {
        fake.deps.workspace.prepare = () => new Promise(() => {});
      },
    ],
    [
      "preflight",
      "of nodes that do not answer",
      (fake, _job, clock) => {
        fake.deps.preflight.check = () => clock.sleep(5_000).then(() => []);
      },
    ],
    [
      "launching",
      "that comes to its end",
      (fake, _job, clock) => {
        const { start } = fake.deps.processes;
        fake.deps.processes.start = async (...given) => {
          await clock.sleep(3_000);
          await start(...given);
        };
      },
    ],
    [
      "launching",
      "that never ends",
      (fake) => {
        fake.deps.processes.start = () => new Promise(() => {});
      },
    ],
    ["running", "with ranks that end by SIGTERM", () => {}],
    [
      "running",
      "with ranks that ignore SIGTERM",
      (fake) => {
        fake.node.isStubborn = true;
      },
    ],
    ["retrying", "with a long delay", (fake, job) => watchLaunches(fake, () => fake.node.end(job.id, 3))],
  ];

  // The head reads the item every 2 s: the request comes early, late, and in between.
  const moments = cases.flatMap((one) =>
    [100, 900, 1_700].map((waitMs) => [one[0], one[1], waitMs, one[2]] as const),
  );
  test.each(moments)(
    "in %s, %s, ends the job within 5 s, and nothing runs on: asked after %i ms",
    async (phase, _name, waitMs, prepare) => {
      const job = queuedJob("k", { retries: { count: 1, delaySeconds: 3_000, on: ["failure"] } });
      const fake = fakeWorld(job);
      const clock = manualClock();
      Object.assign(fake.deps, { clock });
      prepare(fake, job, clock);
      head.start(fake);
      for (let round = 0; fake.table.get(job.id).phase !== phase && round < 200; round += 1)
        await pass(clock, 50);
      await pass(clock, waitMs);
      expect(fake.table.get(job.id).phase).toBe(phase);
      fake.table.set(job.id, { cancelRequested: true });
      await pass(clock, 5_000);
      expect(fake.table.get(job.id)).toMatchObject({ status: "CANCELLED", ...CANCELLED_ON_REQUEST });
      expect(fake.node.states.get(job.id)).toBeUndefined();
    },
  );

  test("interrupts the step under way, and no other begins", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const signals = endlessSource(fake);
    head.start(fake);
    await until(() => signals.length === 1, "the step");
    fake.table.set(job.id, { cancelRequested: true });
    await inPhase(fake, job, "ended");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(fake.node.started).toEqual([]);
  });

  test("straight after the submit: the job never starts, whether the head or the cancel is first", async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const fake = fakeWorld();
      const { submit, cancelQueued, requestCancel } = memorySubmissions(fake.table.table);
      head.start(fake);
      const job = queuedJob(`k${turns}`);
      await submit(job);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const isQueued = await cancelQueued(job.id, CANCELLED_ON_REQUEST, fake.deps.clock.now());
      if (!isQueued) await requestCancel(job.id);
      await inPhase(fake, job, "ended");
      expect(fake.table.get(job.id).status).toBe("CANCELLED");
      const cut = fake.clock.monotonicMs();
      await until(() => fake.clock.monotonicMs() > cut + 10_000, "ten seconds");
      expect(fake.node.started).toEqual([]);
      await head.stop();
    }
  });
});

describe("a step that is under way", () => {
  test.each<[string, (fake: Fake) => Promise<void> | void]>([
    ["its node is head no longer", ({ world }) => void Object.assign(world, { generation: null })],
    ["a newer head has the job", (fake) => fake.table.set(queuedJob().id, { leaseGeneration: 9 })],
    ["the agent ends", () => head.stop()],
  ])("is interrupted when %s; the next head begins anew", async (_name, happen) => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const signals = endlessSource(fake);
    head.start(fake);
    await until(() => signals.length === 1, "the step");
    await happen(fake);
    await until(() => signals[0]?.aborted === true, "its end");
    expect(fake.table.get(job.id).status).toBe("INPROGRESS");
    await head.stop();
    fake.deps.workspace.prepare = async () => {};
    fake.world.generation = 10;
    head.start(fake);
    await runs(fake, job, 1);
    expect(fake.node.started).toEqual([job.id]);
  });

  test("goes on while the registry does not answer", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    let finish = () => {};
    fake.deps.workspace.prepare = () => new Promise((resolve) => (finish = resolve));
    head.start(fake);
    await inPhase(fake, job, "source");
    fake.table.faults.isDown = true;
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 60_000, "a minute");
    fake.table.faults.isDown = false;
    finish();
    await runs(fake, job, 1);
  });

  test("that did not end when it was interrupted keeps the next attempt from beginning beside it", async () => {
    const job = queuedJob("k", { retries: { count: 1, delaySeconds: 0, on: ["failure"] } });
    const fake = fakeWorld(job);
    const begun: (() => void)[] = [];
    fake.deps.workspace.prepare = () => new Promise((resolve) => begun.push(resolve));
    head.start(fake);
    await inPhase(fake, job, "retrying");
    expect(fake.table.get(job.id)).toMatchObject(
      because("source-failed", "source was not done after 3600 s"),
    );
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 300_000, "five minutes");
    expect(begun).toHaveLength(1);
    begun[0]?.();
    await until(() => begun.length === 2, "the next attempt");
    await inPhase(fake, job, "source");
    expect(fake.table.get(job.id).attempt).toBe(2);
  });
});

describe("the time of the whole job", () => {
  test.each<[JobItem["phase"], (fake: Fake, job: JobItem) => void]>([
    ["source", (fake) => void endlessSource(fake)],
    [
      "preflight",
      (fake) => {
        fake.deps.preflight.check = () => new Promise(() => {});
      },
    ],
    [
      "launching",
      (fake) => {
        fake.deps.processes.start = () => new Promise(() => {});
      },
    ],
    ["running", () => {}],
    ["retrying", (fake, job) => watchLaunches(fake, () => fake.node.end(job.id, 3))],
  ])("runs out in %s too", async (phase, prepare) => {
    const retries = { count: 1, delaySeconds: 20, on: ["failure"] };
    const job = queuedJob("k", { jobTimeoutSeconds: 30, retries });
    const fake = fakeWorld(job);
    prepare(fake, job);
    if (phase === "retrying") fake.deps.processes.observe = async () => "running";
    head.start(fake);
    await inPhase(fake, job, phase);
    await inPhase(fake, job, "ended");
    const reason = "the whole job, its attempts and the pauses between them, timed out after 30 s";
    const { claimedAt, endedAt, ...item } = fake.table.get(job.id);
    expect(item).toMatchObject({ status: "FAILED", attempt: 1, ...because("job-timed-out", reason) });
    expect(Date.parse(endedAt ?? "") - Date.parse(claimedAt ?? "")).toBeGreaterThanOrEqual(30_000);
    expect(item.phaseTimes[phase]).toBeDefined();
  });

  test("counts from its first claim, under the next head too", async () => {
    const job = queuedJob("k", { jobTimeoutSeconds: 1_000 });
    const fake = fakeWorld(job);
    head.start(fake);
    await runs(fake, job, 1);
    const { claimedAt } = fake.table.get(job.id);
    await until(() => fake.clock.monotonicMs() > 600_000, "ten minutes");
    await head.stop();
    fake.world.generation = 2;
    head.start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ reasonCode: "job-timed-out", claimedAt });
    const tookMs = Date.parse(fake.table.get(job.id).endedAt ?? "") - Date.parse(claimedAt ?? "");
    expect(tookMs).toBeLessThan(1_600_000);
  });

  test("does not count the wait in the queue", async () => {
    const job = queuedJob("k", { jobTimeoutSeconds: 100 });
    const fake = fakeWorld(job);
    fake.world.hostfile = null;
    head.start(fake);
    await until(() => fake.clock.monotonicMs() > 300_000, "five minutes");
    fake.world.hostfile = HOSTFILE;
    await runs(fake, job, 1);
  });
});

describe("each phase before the launch has an end of its own", () => {
  test.each<[string, JobItem["request"]["setup"], (fake: Fake) => void, string, string]>([
    [
      "source",
      undefined,
      (fake) => void endlessSource(fake),
      "source-failed",
      "source was not done after 3600 s",
    ],
    [
      "source with a set-up",
      { command: ["make"], timeoutSeconds: 7_200 },
      (fake) => void endlessSource(fake),
      "source-failed",
      "source was not done after 10800 s",
    ],
    [
      "preflight",
      undefined,
      (fake) => {
        fake.deps.preflight.check = () => new Promise(() => {});
      },
      "preflight-failed",
      "preflight was not done after 300 s",
    ],
    [
      "launching",
      undefined,
      (fake) => {
        fake.deps.processes.start = () => new Promise(() => {});
      },
      "mpiexec-not-started",
      "launching was not done after 60 s",
    ],
  ])("%s", async (_name, setup, prepare, reasonCode, reason) => {
    const job = queuedJob("k", setup === undefined ? {} : { setup });
    const fake = fakeWorld(job);
    prepare(fake);
    head.start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FAILED", reasonCode, reason });
  });
});
