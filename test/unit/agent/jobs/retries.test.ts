import { afterEach, describe, expect, test } from "@jest/globals";
import { because, CANCELLED_ON_REQUEST, NO_REASON } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { HEAD_LOST } from "../../../../agent/jobs/attempt.js";
import type { JobRegistry } from "../../../../agent/jobs/ports.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { agents, type Fake, inPhase, runs, until, watchLaunches } from "../../../support/agent/job-runs.js";
import { HOSTFILE, queuedJob } from "../../../support/agent/jobs.js";

const head = agents();
afterEach(head.stop);

const FAILED = because("mpiexec-failed", "mpiexec exited with code 3");
const isIn = (fake: Fake, job: JobItem, change: Partial<JobItem>) =>
  expect(fake.table.get(job.id)).toMatchObject(change);

/** The job, whose first `failures` attempts exit with 3 at once, and the others with 0. */
function failing(failures: number, request: Partial<JobItem["request"]>) {
  const job = queuedJob("k", request);
  const fake = fakeWorld(job);
  const launched = watchLaunches(fake, ({ attempt }) => fake.node.end(job.id, attempt <= failures ? 3 : 0));
  return { job, fake, launched };
}
const attemptsOf = (fake: Fake, job: JobItem) =>
  Array.from({ length: 12 }, (_, index) => fake.table.attempt(job.id, index + 1)).filter((a) => a !== null);

describe("a job that is tried again", () => {
  test("waits in retrying with what its attempt ended with, and then runs anew", async () => {
    const job = queuedJob("k", { retries: { count: 1, delaySeconds: 30, on: ["failure"] } });
    const fake = fakeWorld(job);
    const prepared: string[] = [];
    fake.deps.workspace.prepare = async (folder) => void prepared.push(folder);
    head.start(fake);
    await runs(fake, job, 1);
    fake.table.set(job.id, { sourceVersion: "c0ffee" });
    fake.node.end(job.id, 3);
    await inPhase(fake, job, "retrying");
    const waiting = fake.table.get(job.id);
    expect(waiting).toMatchObject({
      ...{ status: "INPROGRESS", attempt: 1, exitCode: 3, endedAt: null, lastLines: ["hello"], ...FAILED },
    });
    const first = fake.table.attempt(job.id, 1);
    expect(first).toMatchObject({ status: "FAILED", phase: "ended", exitCode: 3, ...FAILED });
    expect(Date.parse(waiting.retryAt ?? "") - Date.parse(first?.endedAt ?? "")).toBe(30_000);
    await runs(fake, job, 2);
    expect(Date.parse(fake.table.get(job.id).phaseTimes.source ?? "")).toBeGreaterThanOrEqual(
      Date.parse(waiting.retryAt ?? ""),
    );
    isIn(fake, job, { ...NO_REASON, exitCode: null, retryAt: null, lastLines: [], sourceVersion: "c0ffee" });
    expect(prepared).toEqual(Array(2).fill(`/shared/.muster/jobs/${job.id}`));
    expect(fake.world.prepared.map((line) => line.split(" ")[0])).toEqual(["1", "2"]);
    isIn(fake, job, { logPrefix: `s3://logs/${recordsOf(job.id, 2)}/` });
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "FINISHED", attempt: 2, exitCode: 0, ...NO_REASON });
    expect(attemptsOf(fake, job)).toMatchObject([
      { number: 1, status: "FAILED" },
      { number: 2, status: "FINISHED" },
    ]);
    expect(fake.world.delivered).toEqual([recordsOf(job.id, 1), recordsOf(job.id, 2)]);
    expect(fake.table.get(job.id).log?.uri).toBe(`s3://logs/${recordsOf(job.id, 2)}`);
  });

  test("keeps each attempt's log, and delivers all of them", async () => {
    const { job, fake } = failing(1, { retries: { count: 1, delaySeconds: 0, on: ["failure"] } });
    fake.world.deliveryError = new Error("503");
    head.start(fake);
    await inPhase(fake, job, "ended");
    expect([...fake.outputs.keys()]).toEqual([recordsOf(job.id, 1), recordsOf(job.id, 2)]);
    fake.world.deliveryError = null;
    await until(() => attemptsOf(fake, job).every(({ logState }) => logState === "delivered"), "both logs");
    expect(attemptsOf(fake, job).map(({ log }) => log?.uri)).toEqual([
      `s3://logs/${recordsOf(job.id, 1)}`,
      `s3://logs/${recordsOf(job.id, 2)}`,
    ]);
    await until(() => fake.table.get(job.id).logState === "delivered", "the job's log");
    isIn(fake, job, { logReason: null });
    expect(fake.table.get(job.id).log?.uri).toBe(`s3://logs/${recordsOf(job.id, 2)}`);
  });

  test("fails with its last attempt when all are used up; each is counted once", async () => {
    const { job, fake, launched } = failing(9, { retries: { count: 2, delaySeconds: 0, on: ["failure"] } });
    head.start(fake);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "FAILED", attempt: 3, exitCode: 3, ...FAILED });
    expect(launched.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(attemptsOf(fake, job).map(({ number, status }) => ({ number, status }))).toEqual(
      [1, 2, 3].map((number) => ({ number, status: "FAILED" })),
    );
  });

  test.each([
    ["names the node that could not be got ready", "10.0.0.2", { address: "10.0.0.2" }],
    ["names no node where it was not one node's failure", undefined, null],
  ])("%s", async (_name, host, failedNode) => {
    const job = queuedJob("k", {});
    const fake = fakeWorld(job);
    fake.world.preparationFailure = {
      ...{ ...because("setup-failed", "the set-up failed"), lines: ["no"] },
      ...(host === undefined ? {} : { host }),
    };
    head.start(fake);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { reasonCode: "setup-failed", lastLines: ["no"] });
    const { failedNode: found } = fake.table.get(job.id);
    if (failedNode === null) expect(found).toBeNull();
    else expect(found).toMatchObject(failedNode);
  });

  test("counts an attempt that failed before its launch", async () => {
    const job = queuedJob("k", { retries: { count: 1, delaySeconds: 0 } });
    const fake = fakeWorld(job);
    fake.world.deadHosts.add("10.0.0.2");
    head.start(fake);
    await until(() => fake.table.attempt(job.id, 1)?.reasonCode === "nodes-unreachable", "the first failed");
    fake.world.deadHosts.clear();
    await runs(fake, job, 2);
    expect(fake.table.attempt(job.id, 1)).toMatchObject({
      status: "FAILED",
      startedAt: null,
      logState: "none",
    });
  });

  test.each<[string, Partial<JobItem["request"]>, (fake: Fake, job: JobItem) => void, Partial<JobItem>]>([
    [
      "it is cancelled",
      {},
      (f, { id }) => f.table.set(id, { cancelRequested: true }),
      { status: "CANCELLED" },
    ],
    ["it takes too long", {}, () => {}, { status: "FAILED", reasonCode: "timed-out" }],
    [
      "the whole job takes too long",
      { jobTimeoutSeconds: 20 },
      () => {},
      { status: "FAILED", reasonCode: "job-timed-out" },
    ],
  ])("is not, where %s", async (_name, request, happen, end) => {
    const retries = { count: 3, on: ["failure", "node-loss"] };
    const job = queuedJob("k", { timeoutSeconds: 60, retries, ...request });
    const fake = fakeWorld(job);
    head.start(fake);
    await runs(fake, job, 1);
    happen(fake, job);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { ...end, attempt: 1 });
    expect(fake.table.attempt(job.id, 1)).toMatchObject(end);
  });

  test("gives each attempt its full time", async () => {
    const job = queuedJob("k", { timeoutSeconds: 50, retries: { count: 1, on: ["timed-out"] } });
    const fake = fakeWorld(job);
    head.start(fake);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "FAILED", attempt: 2, reasonCode: "timed-out" });
    for (const { startedAt, endedAt } of attemptsOf(fake, job))
      expect(Date.parse(endedAt ?? "") - Date.parse(startedAt ?? "")).toBeGreaterThanOrEqual(50_000);
  });

  test("says when each phase of each attempt began, in their order", async () => {
    const { job, fake } = failing(1, { retries: { count: 1, delaySeconds: 5, on: ["failure"] } });
    head.start(fake);
    await inPhase(fake, job, "ended");
    const own = ["source", "preflight", "launching", "running", "delivering", "ended"];
    const times = attemptsOf(fake, job).map(({ phaseTimes }) => phaseTimes);
    expect(times.map((each) => Object.keys(each))).toEqual([
      ["queued", ...own],
      ["retrying", ...own],
    ]);
    for (const each of times) expect(Object.values(each)).toEqual(Object.values(each).sort());
    expect(fake.table.get(job.id).phaseTimes).toEqual(times[1]);
    expect(times[0]?.queued).toBe(job.submittedAt);
  });

  test("goes on without a rest of the last attempt's reports about its ranks", async () => {
    const job = queuedJob("k", { retries: { count: 1, delaySeconds: 0, on: ["failure"] } });
    const fake = fakeWorld(job);
    const forgotten: string[] = [];
    fake.deps.ranks.forget = (id) => void forgotten.push(id);
    const launched = watchLaunches(fake, ({ attempt }) => {
      expect(forgotten.at(-1)).toBe(job.id);
      if (attempt === 1) forgotten.length = 0;
    });
    head.start(fake);
    await runs(fake, job, 1);
    fake.node.end(job.id, 3);
    await runs(fake, job, 2);
    expect(launched).toHaveLength(2);
  });
});

describe("between two attempts", () => {
  /** A job that waits for its second attempt. */
  async function waiting(
    retries: Partial<NonNullable<JobItem["request"]["retries"]>> = {},
    more: Partial<JobItem["request"]> = {},
    ...others: JobItem[]
  ) {
    const policy = { count: 1, delaySeconds: 600, on: ["failure"], ...retries };
    const job = queuedJob("k", { retries: policy, ...more });
    const fake = fakeWorld(job, ...others);
    const launched = watchLaunches(fake);
    head.start(fake);
    await runs(fake, job, 1);
    fake.node.end(job.id, 3);
    await inPhase(fake, job, "retrying");
    return { job, fake, launched };
  }

  test("a cancel ends the job; the attempt before stays as it ended", async () => {
    const { job, fake } = await waiting();
    fake.table.set(job.id, { cancelRequested: true });
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "CANCELLED", ...CANCELLED_ON_REQUEST, attempt: 1, exitCode: 3, retryAt: null });
    expect(fake.table.get(job.id).endedAt).not.toBeNull();
    expect(fake.table.attempt(job.id, 1)).toMatchObject({ status: "FAILED", ...FAILED });
    expect(fake.table.attempt(job.id, 2)).toBeNull();
  });

  test("the whole job's time runs on", async () => {
    const { job, fake } = await waiting(
      { delaySeconds: 100 },
      { jobTimeoutSeconds: 200, timeoutSeconds: 150 },
    );
    await runs(fake, job, 2);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "FAILED", reasonCode: "job-timed-out", attempt: 2 });
  });

  test("there is no wait that ends after the whole job's time: it fails with its attempt", async () => {
    const { job, fake } = failing(1, {
      ...{ jobTimeoutSeconds: 200, retries: { count: 1, delaySeconds: 300, on: ["failure"] } },
    });
    head.start(fake);
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "FAILED", attempt: 1, ...FAILED });
  });

  test("the job keeps its cluster: no other starts", async () => {
    const next = queuedJob("next", {}, "2026-01-02T00:00:00Z");
    const { job, fake } = await waiting({}, {}, next);
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 300_000, "five minutes");
    expect(fake.node.started).toEqual([job.id]);
    await runs(fake, job, 2);
    fake.node.end(job.id, 0);
    await inPhase(fake, next, "running");
  });

  test.each<[string, string]>([
    ["an agent that was started again", "i-a"],
    ["another node", "i-b"],
  ])("a new head waits on, and begins the next attempt in time: %s", async (_name, instanceId) => {
    const { job, fake, launched } = await waiting();
    await head.stop();
    const { retryAt } = fake.table.get(job.id);
    Object.assign(fake.deps.self, { instanceId });
    if (instanceId === "i-b") fake.world.others.set("10.0.0.1", { node: fake.node, silence: null });
    fake.world.generation = 2;
    head.start(fake);
    await until(() => fake.table.get(job.id).leaseGeneration === 2, "taken up");
    isIn(fake, job, { phase: "retrying", retryAt, attempt: 1 });
    await runs(fake, job, 2);
    expect(fake.table.get(job.id).launchedOn?.instanceId).toBe(instanceId);
    expect(Date.parse(fake.table.get(job.id).phaseTimes.source ?? "")).toBeGreaterThanOrEqual(
      Date.parse(retryAt ?? ""),
    );
    expect(launched.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test("the next attempt waits for as many cores as the job needs", async () => {
    const job = queuedJob("k", { processes: 4, retries: { count: 1 } });
    const fake = fakeWorld(job);
    head.start(fake);
    await runs(fake, job, 1);
    fake.world.hostfile = { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) };
    await inPhase(fake, job, "retrying");
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 300_000, "five minutes");
    isIn(fake, job, { phase: "retrying" });
    fake.world.hostfile = HOSTFILE;
    await runs(fake, job, 2);
    isIn(fake, job, { ranks: 4 });
  });

  test("the next attempt does not wait for nodes for ever", async () => {
    const { job, fake } = await waiting({ delaySeconds: 10 });
    fake.world.hostfile = null;
    await inPhase(fake, job, "ended");
    isIn(fake, job, { status: "FAILED", attempt: 2, reasonCode: "no-nodes" });
  });
});

describe("the proof that an attempt's processes have ended", () => {
  test("is waited for on its node: nothing runs beside them", async () => {
    const job = queuedJob("k", { timeoutSeconds: 20, retries: { count: 1, on: ["timed-out"] } });
    const fake = fakeWorld(job);
    const { signal } = fake.deps.processes;
    fake.deps.processes.signal = async () => {};
    const launched = watchLaunches(fake);
    head.start(fake);
    await inPhase(fake, job, "retrying");
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 300_000, "five minutes");
    isIn(fake, job, { phase: "retrying", attempt: 1 });
    expect(launched).toHaveLength(1);
    fake.deps.processes.signal = signal;
    await runs(fake, job, 2);
    expect(fake.node.signals).toEqual(["SIGKILL"]);
  });

  test("that never comes ends the job, which says so", async () => {
    const job = queuedJob("k", { timeoutSeconds: 20, retries: { count: 1, on: ["timed-out"] } });
    const fake = fakeWorld(job);
    fake.deps.processes.signal = async () => {};
    const launched = watchLaunches(fake);
    head.start(fake);
    await inPhase(fake, job, "ended");
    isIn(fake, job, {
      ...because(
        "timed-out",
        "timed out after 20 s; not tried again, for its processes on 10.0.0.1 did not end",
      ),
      ...{ status: "FAILED", attempt: 1 },
    });
    expect(launched).toHaveLength(1);
  });

  /** The job of a head of before, i-b; this node is head now. */
  function adopting(silence: "is silent" | null) {
    const job = queuedJob("theirs", { retries: { count: 1 } });
    const fake = fakeWorld({
      ...job,
      ...{ status: "INPROGRESS", phase: "running", leaseGeneration: 1, attempt: 1, ranks: 4 },
      launchedOn: { instanceId: "i-b", address: "10.0.0.2" },
      startedAt: "2026-01-01T00:00:00Z",
    });
    const there = fake.node.another();
    there.states.set(job.id, "running");
    fake.world.others.set("10.0.0.2", { node: there, silence });
    fake.world.generation = 2;
    const launched = watchLaunches(fake);
    head.start(fake);
    return { job, fake, there, launched };
  }

  test("is the silence of a lost head's node, long enough for the others to have ended its ranks", async () => {
    const { job, fake, launched } = adopting("is silent");
    await inPhase(fake, job, "retrying");
    isIn(fake, job, { ...HEAD_LOST, failedNode: { instanceId: "i-b", address: "10.0.0.2" } });
    const lostAtMs = Date.parse(fake.table.attempt(job.id, 1)?.endedAt ?? "");
    await runs(fake, job, 2);
    expect(Date.parse(fake.table.get(job.id).phaseTimes.source ?? "") - lostAtMs).toBeGreaterThanOrEqual(
      40_000,
    );
    expect(launched).toEqual([{ attempt: 2, hosts: ["10.0.0.1"] }]);
  });

  test("of a node that is heard again comes from there: what still runs is ended first", async () => {
    const { job, fake, there, launched } = adopting("is silent");
    await inPhase(fake, job, "retrying");
    await head.stop();
    fake.world.others.set("10.0.0.2", { node: there, silence: null });
    fake.world.generation = 3;
    head.start(fake);
    await runs(fake, job, 2);
    expect(there.signals).toEqual(["SIGKILL"]);
    expect(there.states.size).toBe(0);
    expect(launched).toHaveLength(1);
  });

  test("a job that runs on on a node that its head can't reach for ten minutes is not touched", async () => {
    const { job, fake, there, launched } = adopting(null);
    await until(() => fake.table.get(job.id).leaseGeneration === 2, "adopted");
    const cut = fake.clock.monotonicMs();
    fake.world.hostfile = { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) };
    await until(() => fake.clock.monotonicMs() > cut + 600_000, "ten minutes");
    isIn(fake, job, { status: "INPROGRESS", phase: "running", attempt: 1 });
    expect([launched, there.signals]).toEqual([[], []]);
  });

  test("an agent ends what it finds running of an attempt that is over", async () => {
    const { job, fake } = failing(0, { retries: { count: 1 } });
    const here = { instanceId: "i-a", address: "10.0.0.1" };
    const over = { status: "INPROGRESS", phase: "retrying", attempt: 1, leaseGeneration: 5 } as const;
    fake.table.set(job.id, { ...over, launchedOn: here });
    fake.node.states.set(job.id, "running");
    fake.world.generation = null;
    head.start(fake);
    await until(() => fake.node.states.size === 0, "ended");
    expect(fake.node.signals).toEqual(["SIGKILL"]);
  });
});

describe("a node that an attempt failed for", () => {
  test("is avoided by the next, even where it is back", async () => {
    const job = queuedJob("k", { retries: { count: 2, delaySeconds: 0 } });
    const fake = fakeWorld(job);
    const launched = watchLaunches(fake);
    head.start(fake);
    await runs(fake, job, 1);
    fake.world.inTouch = new Set(["10.0.0.1"]);
    await until(() => fake.table.attempt(job.id, 1)?.failedNode?.address === "10.0.0.2", "the node is named");
    fake.world.inTouch = null;
    await runs(fake, job, 2);
    isIn(fake, job, { ranks: 2, failedNode: null });
    expect(launched.at(-1)).toEqual({ attempt: 2, hosts: ["10.0.0.1"] });
  });

  test("is not avoided where only a rank has failed there", async () => {
    const job = queuedJob("k", { retries: { count: 1, delaySeconds: 0, on: ["failure"] } });
    const fake = fakeWorld(job);
    const launched = watchLaunches(fake);
    const { recordAttempt } = fake.deps.registry;
    fake.deps.registry.recordAttempt = (record) =>
      recordAttempt({ ...record, failedNode: record.phase === "ended" ? { address: "10.0.0.2" } : null });
    head.start(fake);
    await runs(fake, job, 1);
    fake.node.end(job.id, 3);
    await runs(fake, job, 2);
    expect(fake.table.attempt(job.id, 1)).toMatchObject({ ...FAILED, failedNode: { address: "10.0.0.2" } });
    expect(launched.at(-1)).toEqual({ attempt: 2, hosts: ["10.0.0.1", "10.0.0.2"] });
  });

  test("is taken all the same where the job needs its cores", async () => {
    const job = queuedJob("k", { processes: 3, retries: { count: 1, delaySeconds: 0 } });
    const fake = fakeWorld(job);
    const launched = watchLaunches(fake);
    head.start(fake);
    await runs(fake, job, 1);
    fake.world.inTouch = new Set(["10.0.0.1"]);
    await until(() => fake.table.attempt(job.id, 1)?.failedNode?.address === "10.0.0.2", "the node is named");
    fake.world.inTouch = null;
    await runs(fake, job, 2);
    expect(launched.at(-1)).toEqual({ attempt: 2, hosts: ["10.0.0.1", "10.0.0.2"] });
  });
});

describe("a head that is lost at any write", () => {
  const request = { retries: { count: 4, delaySeconds: 1, on: ["failure", "node-loss"] } };
  type Death = "before" | "after";

  /** A registry that is lost to its head at its write of that number, before it is made or after. */
  function mortal(registry: JobRegistry, at: number, death: Death) {
    const state = { writes: 0, isDead: false };
    const living = async <T>(work: () => Promise<T>): Promise<T> => {
      if (state.isDead) throw new Error("the head is lost");
      return work();
    };
    const write = <T>(work: () => Promise<T>): Promise<T> =>
      living(async () => {
        state.writes += 1;
        if (state.writes !== at) return work();
        state.isDead = true;
        if (death === "after") await work();
        throw new Error("the head is lost");
      });
    const mine: JobRegistry = {
      queue: () => living(registry.queue),
      read: (id) => living(() => registry.read(id)),
      readAttempt: (of) => living(() => registry.readAttempt(of)),
      setAside: (...given) => living(() => registry.setAside(...given)),
      claim: (...given) => write(() => registry.claim(...given)),
      claimPlanned: (...given) => write(() => registry.claimPlanned(...given)),
      submitClaimed: (...given) => write(() => registry.submitClaimed(...given)),
      update: (...given) => write(() => registry.update(...given)),
      recordAttempt: (record) => write(() => registry.recordAttempt(record)),
      noteLog: (...given) => living(() => registry.noteLog(...given)),
    };
    return { mine, state };
  }

  /** Of a job whose first attempt fails: the claim; of each attempt its launch, how it delivers, and its end, each in both. */
  const WRITES = 1 + 2 * (2 + 2 + 2);
  const gaps = Array.from({ length: WRITES }, (_, index) =>
    (["before", "after"] as const).map((death): [number, Death] => [index + 1, death]),
  ).flat();

  test("has as many writes as these tests break off", async () => {
    const { job, fake } = failing(1, request);
    fake.world.deliveryError = new Error("503");
    const { mine, state } = mortal(fake.table.registry, 0, "before");
    head.start(fake, mine);
    await inPhase(fake, job, "ended");
    expect(state.writes).toBe(WRITES);
  });

  test.each(gaps)("write %i, %s it is made: no attempt is doubled, none is lost", async (at, death) => {
    const { job, fake, launched } = failing(1, request);
    // Its log would be a write between the others.
    fake.world.deliveryError = new Error("503");
    const { mine, state } = mortal(fake.table.registry, at, death);
    head.start(fake, mine);
    await until(() => state.isDead, "the head is lost");
    await head.stop();
    fake.world.generation = 2;
    head.start(fake);
    await inPhase(fake, job, "ended");
    const item = fake.table.get(job.id);
    expect(item).toMatchObject({
      status: "FINISHED",
      exitCode: 0,
      leaseGeneration: death === "after" && at === WRITES ? 1 : 2,
    });
    const records = attemptsOf(fake, job);
    expect(records.map(({ number }) => number)).toEqual(records.map((_, index) => index + 1));
    expect(records.map(({ status }) => status)).toEqual([
      ...Array(records.length - 1).fill("FAILED"),
      "FINISHED",
    ]);
    expect(item.attempt).toBe(records.length);
    const numbers = launched.map(({ attempt }) => attempt);
    expect(numbers).toEqual([...new Set(numbers)]);
    // Only an attempt whose head was lost between its word and its deed was never started.
    for (const { number, reasonCode } of records)
      if (!numbers.includes(number)) expect(reasonCode).toBe("head-lost");
    expect(records.length - numbers.length).toBeLessThanOrEqual(1);
    expect(numbers.at(-1)).toBe(item.attempt);
  });
});
