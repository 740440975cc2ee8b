import { afterEach, describe, expect, test } from "@jest/globals";
import { type AttemptItem, attemptOf } from "../../../../agent/contract/job-attempt.js";
import { attemptSk, partitionKeyed } from "../../../../agent/contract/keys.js";
import { because, CANCELLED_ON_REQUEST, NO_REASON } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { HEAD_LOST, NO_EXIT_CODE } from "../../../../agent/jobs/attempt.js";
import type { JobRegistry } from "../../../../agent/jobs/ports.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { HOSTFILE, queuedJob } from "../../../support/agent/jobs.js";

type Fake = ReturnType<typeof fakeWorld>;

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

/** Lets the runner work until `condition` holds; time flies, so this bounds rounds, not seconds. */
async function until(condition: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 5_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never happened: ${what}`);
}

function start({ deps }: Fake, registry: JobRegistry = deps.registry as JobRegistry): void {
  runner = createJobRunner({ ...deps, registry });
  runner.start();
}

const inPhase = (fake: Fake, job: JobItem, phase: JobItem["phase"]) =>
  until(() => fake.table.get(job.id).phase === phase, `${job.id} in ${phase}`);

/** The job as it has ended, with its log where it goes; its attempt's record says the same in every fact. */
async function ended(fake: Fake, job: JobItem): Promise<JobItem> {
  await inPhase(fake, job, "ended");
  await until(() => fake.table.get(job.id).logState !== "pending", `the log of ${job.id}`);
  const item = fake.table.get(job.id);
  const { leaseGeneration: _head, ...facts } = attemptOf(item) as AttemptItem;
  expect(fake.table.attempt(job.id)).toMatchObject(facts);
  return item;
}

describe("an attempt's record", () => {
  test("is there from the launch on, and says how far the attempt is, how it ended, and where its log is", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const written: AttemptItem[] = [];
    const { recordAttempt } = fake.table.registry;
    start(fake, {
      ...fake.table.registry,
      async recordAttempt(attempt) {
        // Before its own end the job has said all this already.
        const { status, phase } = fake.table.get(job.id);
        expect(status).toBe("INPROGRESS");
        if (attempt.phase !== "ended") expect(phase).toBe(attempt.phase);
        written.push(attempt);
        return recordAttempt(attempt);
      },
    });
    await inPhase(fake, job, "running");
    fake.node.end(job.id, 0);
    await ended(fake, job);
    const launchedOn = { instanceId: "i-a", address: "10.0.0.1" };
    expect(written).toMatchObject([
      {
        ...{ phase: "running", number: 1, launchedOn, ranks: 4, startedAt: expect.any(String) },
        ...{ endedAt: null, leaseGeneration: 1 },
      },
      { phase: "delivering", status: "INPROGRESS", exitCode: 0, endedAt: null, logState: "none" },
      {
        ...{ phase: "ended", status: "FINISHED", exitCode: 0, lastLines: ["hello"], logState: "delivered" },
        log: { uri: `s3://logs/${recordsOf(job.id)}`, bytes: 6, sha256: "00", parts: 1 },
      },
    ]);
    expect(fake.table.attempt(job.id)).toEqual(written[2]);
  });

  test.each<[string, (fake: Fake, job: JobItem) => void, Partial<JobItem>]>([
    [
      "fails with mpiexec",
      (fake, job) => fake.node.end(job.id, 3),
      { status: "FAILED", exitCode: 3, ...because("mpiexec-failed", "mpiexec exited with code 3") },
    ],
    [
      "is cancelled",
      (fake, job) => fake.table.set(job.id, { cancelRequested: true }),
      { status: "CANCELLED", ...CANCELLED_ON_REQUEST },
    ],
    ["takes too long", () => {}, { status: "FAILED", ...because("timed-out", "timed out after 60 s") }],
    [
      "loses a node",
      (fake) => Object.assign(fake.world, { hostfile: { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) } }),
      { status: "FAILED", ...because("node-lost", "node 10.0.0.2 was lost while the job ran") },
    ],
  ])("of a job that %s says what the job says", async (_name, happen, end) => {
    const job = queuedJob("k", { timeoutSeconds: 60 });
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    happen(fake, job);
    expect(await ended(fake, job)).toMatchObject({ attempt: 1, logState: "delivered", ...end });
  });

  test("shows why the log is still pending, and that it is lost", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.world.deliveryError = new Error("503 Slow Down");
    start(fake);
    await inPhase(fake, job, "running");
    fake.node.end(job.id, 0);
    await until(() => fake.table.attempt(job.id)?.logReason === "503 Slow Down", "the reason");
    expect(fake.table.attempt(job.id)).toMatchObject({ logState: "pending", log: null });
    fake.deps.delivery.deliver = async () => null;
    expect(await ended(fake, job)).toMatchObject({ logState: "lost", logReasonCode: "log-lost" });
  });

  test.each<[string, Partial<JobItem>, (fake: Fake) => void, JobItem["status"]]>([
    ["is cancelled before it", { cancelRequested: true }, () => {}, "CANCELLED"],
    ["fails in its preflight", {}, (fake) => fake.world.deadHosts.add("10.0.0.2"), "FAILED"],
  ])("is there without a launch where the job %s", async (_name, change, spoil, status) => {
    const job = { ...queuedJob(), ...change };
    const fake = fakeWorld(job);
    spoil(fake);
    start(fake);
    expect(await ended(fake, job)).toMatchObject({
      ...{ status, attempt: 1, launchedOn: null, startedAt: null, logState: "none" },
    });
  });

  test("is there without a start where the launch can't be started", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.deps.processes.start = async () => {
      throw new Error("EMFILE");
    };
    start(fake);
    expect(await ended(fake, job)).toMatchObject({
      ...{ status: "FAILED", reasonCode: "mpiexec-not-started" },
      ...{ attempt: 1, startedAt: null, logState: "none" },
    });
  });

  test("ends at once where a cancel has come while the launch was recorded", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const { update } = fake.table.registry;
    fake.deps.registry.update = async (id, generation, change) => {
      if (change.phase === "launching") fake.table.set(job.id, { cancelRequested: true });
      return update(id, generation, change);
    };
    start(fake);
    expect(await ended(fake, job)).toMatchObject({ attempt: 1, status: "CANCELLED" });
    expect(fake.node.states.size).toBe(0);
  });
});

describe("a head that is lost between the two writes of", () => {
  type Lost = "job" | "record" | "start";
  /**
   * A head that can't make one of the two writes any more, that of the job, or of its attempt's record, which says `phase`, or
   * can't start the processes between them; nor do anything after it.
   */
  function dying({ table: { registry }, deps }: Fake, lost: Lost, at: JobItem["phase"]) {
    const state = { isHit: false };
    const dieAt = (which: "job" | "record", phase?: JobItem["phase"]) => {
      if (which === lost && phase === at) state.isHit = true;
      if (state.isHit) throw new Error("the agent dies");
    };
    const mortal: JobRegistry = {
      ...registry,
      async update(jobId, generation, change) {
        dieAt("job", change.phase);
        return registry.update(jobId, generation, change);
      },
      async recordAttempt(attempt) {
        dieAt("record", attempt.phase);
        return registry.recordAttempt(attempt);
      },
    };
    const { start: startProcesses } = deps.processes;
    deps.processes.start = async (...given) => {
      state.isHit ||= lost === "start";
      if (state.isHit) throw new Error("the agent is dead");
      return startProcesses(...given);
    };
    const revive = () => {
      deps.processes.start = startProcesses;
    };
    return { state, mortal, revive };
  }

  /** The head dies there, and the next one takes over: an agent that was started again on its node, or another node. */
  async function diesAt(lost: Lost, at: JobItem["phase"], before: (fake: Fake, job: JobItem) => void) {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const { state, mortal, revive } = dying(fake, lost, at);
    start(fake, mortal);
    if (at === "ended") await inPhase(fake, job, "running");
    before(fake, job);
    await until(() => state.isHit, "the head dies");
    await runner?.stop();
    revive();
    fake.world.generation = 2;
    return { job, fake };
  }

  test("the launch, before it has started anything: the attempt begins anew", async () => {
    const { job, fake } = await diesAt("start", "launching", () => {});
    expect(fake.table.attempt(job.id)).toBeNull();
    start(fake);
    await until(() => fake.node.started.length > 0, "the start");
    fake.node.end(job.id, 0);
    expect(await ended(fake, job)).toMatchObject({ status: "FINISHED", attempt: 1 });
    expect(fake.node.started).toEqual([job.id]);
  });

  test.each(["job", "record"] as const)(
    "the start (%s lost): the attempt runs on, and is known to",
    async (lost) => {
      const { job, fake } = await diesAt(lost, "running", () => {});
      expect(fake.table.attempt(job.id)).toBeNull();
      start(fake);
      await until(() => (fake.table.attempt(job.id)?.startedAt ?? null) !== null, "its start is known");
      const { startedAt } = fake.table.get(job.id);
      expect(fake.table.attempt(job.id)).toMatchObject({
        ...{ phase: "running", startedAt, ranks: 4, leaseGeneration: 2 },
      });
      fake.node.end(job.id, 0);
      expect(await ended(fake, job)).toMatchObject({ status: "FINISHED", startedAt });
      expect(fake.node.started).toEqual([job.id]);
    },
  );

  test.each<
    [string, (fake: Fake, job: JobItem) => void, (fake: Fake, job: JobItem) => void, Partial<JobItem>]
  >([
    [
      "it finished, and then its node is gone",
      (fake, job) => fake.node.end(job.id, 0),
      (fake, job) => {
        fake.node.states.delete(job.id);
        fake.exitCodes.clear();
        Object.assign(fake.deps.self, { instanceId: "i-b", address: "10.0.0.2" });
      },
      { status: "FINISHED", exitCode: 0, ...NO_REASON },
    ],
    [
      "it was cancelled, and an exit code is found",
      (fake, job) => fake.table.set(job.id, { cancelRequested: true }),
      (fake, job) => fake.exitCodes.set(recordsOf(job.id), 0),
      { status: "CANCELLED", exitCode: null, ...CANCELLED_ON_REQUEST },
    ],
    [
      "it was ended without an exit code, and runs yet",
      (fake, job) => fake.node.end(job.id, null),
      (fake, job) => fake.node.states.set(job.id, "running"),
      { status: "FAILED", ...NO_EXIT_CODE },
    ],
  ])("the end: the first end is the job's: %s", async (_name, end, meanwhile, expected) => {
    const { job, fake } = await diesAt("job", "ended", end);
    expect(fake.table.get(job.id).status).toBe("INPROGRESS");
    const record = fake.table.attempt(job.id);
    meanwhile(fake, job);
    start(fake);
    const item = await ended(fake, job);
    expect(item).toMatchObject({ ...expected, endedAt: record?.endedAt, leaseGeneration: 2 });
    expect(record).toMatchObject({ status: expected.status, leaseGeneration: 1 });
    expect(fake.node.states.get(job.id)).toBeUndefined();
  });

  test("the end: before the record, nothing of the end is there", async () => {
    const { job, fake } = await diesAt("record", "ended", (f, { id }) => f.node.end(id, 0));
    expect(fake.table.attempt(job.id)).toMatchObject({ status: "INPROGRESS", phase: "delivering" });
    expect(fake.table.get(job.id).status).toBe("INPROGRESS");
    start(fake);
    expect(await ended(fake, job)).toMatchObject({ status: "FINISHED", exitCode: 0 });
  });
});

describe("a record that somebody wrote by hand", () => {
  const end = { status: "FAILED", phase: "ended", ...HEAD_LOST, endedAt: "2026-01-01T00:00:00Z" } as const;
  test.each<[string, (job: JobItem) => object, Partial<JobItem>]>([
    ["an end of what was not launched", (job) => ({ ...attemptOf({ ...job, attempt: 1 }), ...end }), end],
    ["an end without its facts", () => ({ status: "FAILED" }), { status: "FINISHED" }],
    [
      "of a head that never was",
      () => ({ status: "INPROGRESS", leaseGeneration: 99 }),
      { status: "FINISHED" },
    ],
    ["of no known status", () => ({ status: 5, leaseGeneration: "x" }), { status: "FINISHED" }],
  ])("keeps no job from its end, nor the next one from its start: %s", async (_name, record, expected) => {
    const [job, next] = [queuedJob(), queuedJob("next", {}, "2026-01-02T00:00:00Z")];
    const fake = fakeWorld(job, next);
    const key = partitionKeyed(CLUSTER_UUID, attemptSk(job.id, 1));
    fake.table.table.perform({ write: "put", key, item: { ...record(job) }, condition: null });
    start(fake);
    await until(
      () => fake.table.get(job.id).phase === "ended" || fake.node.started.includes(job.id),
      "a start",
    );
    if (fake.table.get(job.id).phase !== "ended") fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject(expected);
    await inPhase(fake, next, "running");
  });
});
