import { afterEach, describe, expect, test } from "@jest/globals";
import type { JobRequest } from "../../../../agent/contract/registry.js";
import { createJobRunner, type JobRunner, type JobRunnerDeps } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { memorySubmissions } from "../../../support/memory-jobs.js";

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

/** A head that has found its queue empty, and waits; its clock stands meanwhile. `calls`: what it asks the registry for. */
async function idleHead(change: (deps: JobRunnerDeps) => Partial<JobRunnerDeps> = () => ({})) {
  const fake = fakeWorld();
  const calls: string[] = [];
  const named = <T extends object>(port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([name, call]) => [
        name,
        (...given: unknown[]) => {
          calls.push(name);
          return (call as (...given: unknown[]) => unknown)(...given);
        },
      ]),
    ) as T;
  const standing = (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) resolve();
      signal?.addEventListener("abort", () => resolve());
    });
  const sleep = (ms: number, signal?: AbortSignal) =>
    ms < 200 ? fake.deps.clock.sleep(ms, signal) : standing(signal);
  const deps = { ...fake.deps, registry: named(fake.deps.registry), clock: { ...fake.deps.clock, sleep } };
  const head = createJobRunner({ ...deps, ...change(deps) });
  runner = head;
  head.start();
  await until(() => calls.includes("queue"), "a look at the queue");
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
  calls.length = 0;
  const started = (id: string) => until(() => fake.node.started.includes(id), "the start");
  const phase = (id: string, wanted: string) =>
    until(() => fake.table.get(id).phase === wanted || fake.table.get(id).status === wanted, wanted);
  return { fake, head, calls, started, phase };
}

describe("a new job that is offered to an idle head", () => {
  test("is started after one write, which says all of its launch", async () => {
    const { fake, head, calls, started } = await idleHead();
    const job = queuedJob();
    const offered = await head.startNow(job);
    const said = { status: "INPROGRESS", phase: "launching", attempt: 1, leaseGeneration: 1, ranks: 4 };
    const launchedOn = { instanceId: "i-a", address: "10.0.0.1" };
    expect(offered).toMatchObject({ is: "started", job: { id: job.id, ...said, launchedOn } });
    expect(fake.table.get(job.id)).toMatchObject({ ...said, launchedOn, leftOut: [] });
    await started(job.id);
    expect(calls).toEqual(["submitClaimed"]);
    expect(head.running()).toBe(job.id);
    expect(fake.node.gotReady).toEqual([`${job.id}/1`]);
  });

  test("runs to its end, and its record says where", async () => {
    const { fake, head, started } = await idleHead(({ clock }) => ({
      clock: { ...clock, sleep: async () => void (await new Promise((resolve) => setTimeout(resolve, 1))) },
    }));
    const job = queuedJob();
    await head.startNow(job);
    await started(job.id);
    await until(() => fake.table.get(job.id).startedAt !== null, "its start is written");
    fake.node.end(job.id, 0);
    await until(() => fake.table.get(job.id).status === "FINISHED", "its end");
    expect(fake.table.attempt(job.id)).toMatchObject({ ranks: 4, launchedOn: { instanceId: "i-a" } });
  });

  test("is known where there is a job of its key, whatever that is", async () => {
    const { fake, head, calls } = await idleHead();
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    expect(await head.startNow(job)).toEqual({ is: "known" });
    expect(fake.table.get(job.id)).toMatchObject({ status: "NEW" });
    expect(calls).toContain("submitClaimed");
  });

  test("that is offered a hundred times at once is started once", async () => {
    const { fake, head, started } = await idleHead();
    const job = queuedJob();
    const offers = await Promise.all(Array.from({ length: 100 }, () => head.startNow(job)));
    expect(offers.filter((offered) => offered?.is === "started")).toHaveLength(1);
    await started(job.id);
    expect(fake.node.started).toEqual([job.id]);
  });

  test.each<[string, Partial<JobRequest>]>([
    ["needs files", { source: { shared: { path: "/shared/a" } } }],
    ["needs packages", { requirements: { file: "requirements.txt" } as never }],
    ["does not wait for others", { ifBusy: "refuse" }],
    ["has more ranks than there are cores", { processes: 1_000 }],
  ])("is not taken where it %s", async (_name, request) => {
    const { fake, head, calls } = await idleHead();
    expect(await head.startNow(queuedJob("k", request))).toBeNull();
    expect(calls).toEqual([]);
    expect(fake.node.gotReady).toEqual([]);
  });

  test("is not taken where another runs, or may be before it", async () => {
    const { fake, head, started } = await idleHead();
    const first = queuedJob("a");
    await head.startNow(first);
    expect(await head.startNow(queuedJob("b"))).toBeNull();
    await started(first.id);
    fake.world.generation = 2;
    expect(await head.startNow(queuedJob("c"))).toBeNull();
    fake.world.generation = 1;
  });

  test("is not taken by a node that is no head, or has just heard of another job", async () => {
    const { fake, head } = await idleHead();
    head.nudge({ jobId: "job-other" });
    expect(await head.startNow(queuedJob())).toBeNull();
    fake.world.generation = null as never;
    expect(await head.startNow(queuedJob())).toBeNull();
  });

  test("is not taken by a head that another is to follow, or whose cluster parks", async () => {
    const { fake, head, calls } = await idleHead();
    fake.world.handsOver = true;
    expect(await head.startNow(queuedJob())).toBeNull();
    fake.world.handsOver = false;
    // As of a cluster that is parked: see createHead.
    fake.world.hostfile = null;
    expect(await head.startNow(queuedJob())).toBeNull();
    expect(calls).toEqual([]);
  });

  test("is given back where the registry does not answer, and is found there if it was written", async () => {
    let isLost = true;
    const { fake, head, started } = await idleHead(({ registry }) => ({
      registry: {
        ...registry,
        async submitClaimed(...given) {
          const claimed = await registry.submitClaimed(...given);
          if (!isLost) return claimed;
          isLost = false;
          throw new Error("socket hang up");
        },
      },
      clock: { ...fakeWorld().deps.clock },
    }));
    const job = queuedJob();
    await expect(head.startNow(job)).rejects.toThrow("socket hang up");
    await started(job.id);
    expect(fake.node.started).toEqual([job.id]);
    expect(fake.table.get(job.id)).toMatchObject({ attempt: 1 });
  });
});

describe("a planned launch that goes otherwise", () => {
  const atOnce = ({ clock }: JobRunnerDeps) => ({
    clock: { ...clock, sleep: async () => void (await new Promise((resolve) => setTimeout(resolve, 1))) },
  });

  test("because a node is bad, says that nothing was started", async () => {
    const { fake, head, phase } = await idleHead(atOnce);
    fake.world.oddFacts.set("10.0.0.2", { cores: 1 });
    const job = queuedJob();
    await head.startNow(job);
    await phase(job.id, "FAILED");
    const nothing = { launchedOn: null, ranks: null, logState: "none", startedAt: null };
    expect(fake.table.get(job.id)).toMatchObject({ reasonCode: "node-cores-differ", ...nothing });
    expect(fake.table.attempt(job.id)).toMatchObject({ status: "FAILED", ...nothing });
    expect(fake.node.started).toEqual([]);
  });

  test("because it goes on without a bad node, is written before anything starts", async () => {
    let atStart: unknown = null;
    const { fake, head, started } = await idleHead((deps) => ({
      ...atOnce(deps),
      processes: {
        ...deps.processes,
        async start(of, ...rest) {
          atStart = fake.table.get(of.jobId);
          return deps.processes.start(of, ...rest);
        },
      },
    }));
    fake.world.oddFacts.set("10.0.0.2", { cores: 1 });
    const job = queuedJob("k", { onBadNode: "continue" });
    await head.startNow(job);
    await started(job.id);
    expect(atStart).toMatchObject({ ranks: 2, leftOut: [{ address: "10.0.0.2" }], phase: "launching" });
  });

  test("because it is cancelled before it has started, starts nothing", async () => {
    let isReady = (): void => {};
    const { fake, head, phase } = await idleHead((deps) => ({
      ...atOnce(deps),
      workspace: {
        ...deps.workspace,
        prepare: () =>
          new Promise<void>((resolve) => {
            isReady = resolve;
          }),
      },
    }));
    const job = queuedJob();
    await head.startNow(job);
    fake.table.set(job.id, { cancelRequested: true });
    head.nudge({ jobId: job.id });
    const hasEnded = () => {
      isReady();
      return fake.table.get(job.id).phase === "ended";
    };
    await until(hasEnded, "its end");
    await phase(job.id, "CANCELLED");
    expect(fake.node.started).toEqual([]);
  });
});

test("a job that a nudge names is claimed with its launch, after it was read", async () => {
  const { fake, head, calls, started } = await idleHead();
  const job = queuedJob();
  await memorySubmissions(fake.table.table).submit(job);
  head.nudge({ jobId: job.id });
  await started(job.id);
  expect(calls).toEqual(["read", "claimPlanned"]);
  expect(fake.table.get(job.id)).toMatchObject({ phase: "launching", ranks: 4, attempt: 1 });
});

test("a job that another head has claimed meanwhile is left to it", async () => {
  const { fake, head, calls } = await idleHead(({ registry }) => ({
    registry: {
      ...registry,
      async read(id) {
        const found = await registry.read(id);
        await registry.claim(id, 2);
        return found;
      },
    },
  }));
  const job = queuedJob();
  await memorySubmissions(fake.table.table).submit(job);
  head.nudge({ jobId: job.id });
  await until(() => calls.includes("claimPlanned"), "a claim");
  await new Promise((resolve) => setImmediate(resolve));
  expect(fake.table.get(job.id)).toMatchObject({ leaseGeneration: 2, phase: "queued" });
  expect(fake.node.started).toEqual([]);
});

describe("the folder of a planned job, made beside its claim", () => {
  /** `isMade`: what the making gives; null: it fails. */
  const idle = (isMade: boolean | null, made: string[]) =>
    idleHead(({ workspace }) => ({
      workspace: {
        ...workspace,
        async prepareAhead(folder) {
          made.push(`ahead ${folder}`);
          if (isMade === null) throw new Error("no room");
          return isMade;
        },
        prepare: async (folder) => void made.push(`anew ${folder}`),
      },
    }));

  test.each<[string, boolean | null, readonly string[]]>([
    ["is not made again", true, ["ahead"]],
    ["is made anew where something was in its place", false, ["ahead", "anew"]],
    ["is made later where that failed", null, ["ahead", "anew"]],
  ])("%s", async (_name, isMade, wanted) => {
    const made: string[] = [];
    const { fake, head, started } = await idle(isMade, made);
    const job = queuedJob();
    await head.startNow(job);
    await started(job.id);
    expect(fake.node.started).toEqual([job.id]);
    expect(made).toEqual(wanted.map((how) => `${how} /shared/.muster/jobs/${job.id}`));
  });

  test("is made beside the claim of a job that a nudge names too", async () => {
    const made: string[] = [];
    const { fake, head, started } = await idle(true, made);
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    head.nudge({ jobId: job.id });
    await started(job.id);
    expect(made).toEqual([`ahead /shared/.muster/jobs/${job.id}`]);
  });

  test("does not start a job that another head has claimed", async () => {
    const made: string[] = [];
    const { fake, head } = await idle(true, made);
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    expect(await head.startNow(job)).toEqual({ is: "known" });
    expect(made).toEqual([`ahead /shared/.muster/jobs/${job.id}`]);
    expect(fake.table.get(job.id)).toMatchObject({ status: "NEW" });
  });
});

describe("jobs that wait behind another", () => {
  const jobs = ["a", "b", "c"].map((key, n) => ({
    ...queuedJob(key),
    submittedAt: `2026-01-01T00:00:0${n}.000Z`,
  }));
  const [first, second, third] = jobs.map(({ id }) => id) as [string, string, string];

  /** The first of them runs. */
  async function running(beforeSecond: (registry: JobRunnerDeps["registry"]) => void = () => {}) {
    let sleptMs = 0;
    const idle = await idleHead(({ clock, registry }) => ({
      clock: {
        ...clock,
        monotonicMs: () => clock.monotonicMs() + sleptMs,
        async sleep(ms) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          sleptMs += Math.min(ms, 500);
        },
      },
      registry: {
        ...registry,
        async read(id) {
          const found = await registry.read(id);
          if (id === second) beforeSecond(registry);
          return found;
        },
      },
    }));
    for (const job of jobs) await memorySubmissions(idle.fake.table.table).submit(job);
    idle.head.nudge({ jobId: null });
    await idle.started(first);
    await until(() => idle.calls.includes("read"), "the next one is read");
    const claims = () => idle.calls.filter((call) => call.startsWith("claim"));
    return { ...idle, claims };
  }

  test("are read and got ready meanwhile, and claimed with their launch, in their order and once", async () => {
    const { fake, claims, started, phase } = await running();
    for (const [ending, next] of [
      [first, second],
      [second, third],
    ] as const) {
      await until(() => fake.node.gotReady.includes(`${next}/1`), "the next one is got ready");
      expect(fake.node.started).not.toContain(next);
      fake.node.end(ending, 0);
      await phase(ending, "FINISHED");
      await started(next);
    }
    fake.node.end(third, 0);
    await phase(third, "FINISHED");
    expect(fake.node.started).toEqual([first, second, third]);
    expect(claims()).toEqual(["claim", "claimPlanned", "claimPlanned"]);
    expect(fake.table.attempt(third)).toMatchObject({ ranks: 4, launchedOn: { instanceId: "i-a" } });
  });

  test("are left out where they have been cancelled since they were read", async () => {
    const { fake, claims, started } = await running();
    const why = { reasonCode: "cancelled", reason: "cancelled on request" } as const;
    await memorySubmissions(fake.table.table).cancelQueued(second, why as never, new Date());
    fake.node.end(first, 0);
    await started(third);
    expect(fake.node.started).toEqual([first, third]);
    expect(fake.table.get(second)).toMatchObject({ status: "CANCELLED" });
    expect(claims()[0]).toBe("claim");
  });

  test("are left to another head that has claimed them", async () => {
    const { fake, started } = await running((registry) => void registry.claim(second, 2));
    fake.node.end(first, 0);
    await started(third);
    expect(fake.table.get(second)).toMatchObject({ status: "INPROGRESS", leaseGeneration: 2 });
    expect(fake.node.started).toEqual([first, third]);
  });
});
