import { afterEach, describe, expect, test } from "@jest/globals";
import type { JobItem, JobRequest } from "../../../../agent/contract/registry.js";
import { observeSources } from "../../../../agent/idle/sources.js";
import type { JobRegistry } from "../../../../agent/jobs/ports.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { type Fake, inPhase, until } from "../../../support/agent/job-runs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { memorySubmissions } from "../../../support/memory-jobs.js";

// What the head's runner says of its jobs decides which nodes may be ended, and whether the cluster is idle.

const [HERE, OTHER, ANOTHER] = ["10.0.0.1", "10.0.0.2", "10.0.0.9"];

let runner: JobRunner | null = null;
let letGo: () => void = () => {};
afterEach(async () => {
  letGo();
  await runner?.stop();
  runner = null;
});

function start(fake: Fake, registry: Partial<JobRegistry> = {}): JobRunner {
  runner = createJobRunner({ ...fake.deps, registry: { ...fake.deps.registry, ...registry } });
  runner.start();
  return runner;
}

/** A call that begins, and goes on until `letGo`. */
function held() {
  const state = { hasBegun: false };
  const over = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return {
    hasBegun: () => state.hasBegun,
    wait(): Promise<void> {
      state.hasBegun = true;
      return over;
    },
  };
}
const placesOf = (own: JobRunner) => [HERE, OTHER, ANOTHER].filter((address) => own.worksOn(address ?? ""));
/** As the decision to park sees it. */
const idleSources = (own: JobRunner) =>
  observeSources({
    ...{ jobs: own.seen(), nextSlot: null, nodes: [], keepAliveUntil: undefined, countSshSessions: false },
    ...{ horizonMs: 0, before: undefined, now: new Date("2026-01-01T00:00:00Z") },
  }).filter(({ state }) => state === "idle");
const isIdle = (own: JobRunner) => idleSources(own).length === 6;

describe("a node is taken to hold work", () => {
  test.each(["a job is claimed", "what an earlier head left of it is looked at"])(
    "while %s: no end of a node may come in between",
    async (what) => {
      const fake = fakeWorld();
      const step = held();
      const { claim } = fake.deps.registry;
      const isClaim = what === "a job is claimed";
      if (!isClaim) {
        const { forestall } = fake.deps.records;
        fake.deps.records.forestall = async (of) => step.wait().then(() => forestall(of));
      }
      const own = start(fake, {
        claim: async (...given) => (isClaim ? step.wait() : Promise.resolve()).then(() => claim(...given)),
      });
      await until(() => placesOf(own).length === 0 && isIdle(own), "there is nothing");
      const left: Partial<JobItem> = {
        status: "INPROGRESS",
        phase: "launching",
        attempt: 1,
        leaseGeneration: 1,
      };
      const job = queuedJob();
      await memorySubmissions(fake.table.table).submit(job);
      if (!isClaim) fake.table.set(job.id, left);
      await until(step.hasBegun, "the call");
      expect([own.running(), placesOf(own), isIdle(own)]).toEqual([null, [HERE, OTHER, ANOTHER], false]);
      letGo();
      await inPhase(fake, job, "running");
      expect(placesOf(own)).toEqual([HERE, OTHER]);
      fake.node.end(job.id, 0);
      await until(() => placesOf(own).length === 0, "there is nothing again");
    },
  );

  test("of the job that an earlier head has started on it, and of no other job", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const first = start(fake);
    await inPhase(fake, job, "running");
    await first.stop();
    fake.world.generation = 2;
    const own = start(fake);
    await until(
      () => fake.table.get(job.id).leaseGeneration === 2 && own.running() === job.id,
      "it is adopted",
    );
    expect(placesOf(own)).toEqual([HERE, OTHER]);
  });

  test("before a new head has looked at the queue: an earlier one's job may run there", async () => {
    const fake = fakeWorld();
    const own = start(fake);
    await until(() => placesOf(own).length === 0, "it has looked");
    fake.table.faults.isDown = true;
    fake.world.generation = 2;
    expect([placesOf(own), isIdle(own)]).toEqual([[HERE, OTHER, ANOTHER], false]);
    fake.table.faults.isDown = false;
    await until(() => placesOf(own).length === 0 && isIdle(own), "it has looked again");
  });
});

describe("a job keeps its cluster awake, and its nodes, while", () => {
  type Hold = (fake: Fake, wait: () => Promise<void>) => void;
  test.each<[string, Partial<JobRequest>, Hold]>([
    [
      "its source is fetched",
      { source: { shared: { path: "/shared/a" } } },
      ({ world }, wait) => {
        world.fetchSource = async () => wait().then(() => ({ version: null, folder: "" }));
      },
    ],
    [
      "its environment is set up",
      {},
      ({ deps }, wait) => {
        deps.environments.install = async () => wait().then(() => null);
      },
    ],
    [
      "its nodes are got ready",
      {},
      ({ deps }, wait) => {
        deps.environments.prepare = async () => wait().then(() => null);
      },
    ],
    [
      "it is launched",
      {},
      ({ deps }, wait) => {
        const { start: begin } = deps.processes;
        deps.processes.start = async (...given) => wait().then(() => begin(...given));
      },
    ],
  ])("%s", async (_name, request, hold) => {
    const job = queuedJob("k", request);
    const fake = fakeWorld(job);
    const step = held();
    hold(fake, step.wait);
    const own = start(fake);
    await until(step.hasBegun, "the step");
    expect([own.running(), isIdle(own), placesOf(own)]).toEqual([job.id, false, [HERE, OTHER, ANOTHER]]);
    letGo();
    await inPhase(fake, job, "running");
  });

  test("it runs on nodes that say nothing, and until its output is delivered on its own node alone", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const step = held();
    const { deliver } = fake.deps.delivery;
    fake.deps.delivery.deliver = async (...given) => step.wait().then(() => deliver(...given));
    const own = start(fake);
    await inPhase(fake, job, "running");
    expect([own.running(), isIdle(own), placesOf(own)]).toEqual([job.id, false, [HERE, OTHER]]);
    fake.node.end(job.id, 0);
    await until(step.hasBegun, "the delivery");
    expect([own.running(), isIdle(own), placesOf(own)]).toEqual([job.id, false, [HERE]]);
    letGo();
    await until(() => own.running() === null && isIdle(own), "it is over");
  });

  test("it waits for its next attempt, which holds no node yet", async () => {
    const job = queuedJob("k", { retries: { count: 1, delaySeconds: 30, on: ["failure"] } });
    const fake = fakeWorld(job);
    const own = start(fake);
    await inPhase(fake, job, "running");
    fake.node.end(job.id, 3);
    await inPhase(fake, job, "retrying");
    expect([own.running(), isIdle(own), placesOf(own)]).toEqual([job.id, false, []]);
  });
});

describe("a node that was head may hold what is over", () => {
  /** It has lost its lease while its job ran, and can't read the registry. */
  async function cutOff() {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const own = start(fake);
    await inPhase(fake, job, "running");
    expect(own.mayHoldStrays()).toBe(false);
    fake.table.faults.isDown = true;
    fake.world.generation = null;
    // At once, before it has noticed.
    expect(own.mayHoldStrays()).toBe(true);
    await until(() => own.running() === null, "it drives the job no more");
    expect(own.mayHoldStrays()).toBe(true);
    return { fake, own, job };
  }

  test("until it has ended what another head has concluded meanwhile", async () => {
    const { fake, own, job } = await cutOff();
    const ended = { status: "FAILED", phase: "ended", leaseGeneration: 2 } as const;
    fake.table.set(job.id, ended);
    fake.table.faults.isDown = false;
    own.doubt();
    expect(own.mayHoldStrays()).toBe(true);
    await until(() => !own.mayHoldStrays(), "it holds nothing");
    expect(await fake.deps.processes.ids()).toEqual([]);
  });

  test("until the registry says that the job runs on, under another head", async () => {
    const { fake, own, job } = await cutOff();
    fake.table.set(job.id, { leaseGeneration: 2 });
    fake.table.faults.isDown = false;
    own.doubt();
    await until(() => !own.mayHoldStrays(), "it may hold it");
    expect(await fake.deps.processes.ids()).toEqual([job.id]);
  });
});
