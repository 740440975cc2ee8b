import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { ClusterItem, JobItem } from "../../../../agent/contract/registry.js";
import type { UsageItem } from "../../../../agent/contract/usage.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import { jobWrites } from "../../../../agent/contract/writes/job.js";
import { COUNT_EVERY_MS } from "../../../../agent/idle/budget.js";
import { createIdle, type IdleDeps } from "../../../../agent/idle/idle.js";
import { RESUME_TIMEOUT_MS } from "../../../../agent/idle/resuming.js";
import type { NodeSeen } from "../../../../agent/idle/sources.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { parkWorld } from "../../../support/agent/park-world.js";
import { manualClock } from "../../../support/manual-clock.js";

const READY = "2026-01-01T00:00:00.000Z";
const MINUTE_MS = 60_000;
const settle = async () => {
  for (let round = 0; round < 10; round++) await new Promise((resolve) => setImmediate(resolve));
};

/** A head of a cluster that was ready at READY, and has an idle timeout of ten minutes. */
function headOf(change: Partial<ClusterItem> = {}, start = READY) {
  const world = parkWorld({ statusChangedAt: READY, idleTimeoutMinutes: 10, ...change });
  const quiet = [{ source: "ssh", count: 0, idleSeconds: null }];
  const node: NodeSeen = {
    id: "i-a",
    kind: "worker",
    isHeard: true,
    bootedAt: READY,
    report: quiet,
    reportedMsAgo: 0,
  };
  const state = {
    generation: 1 as number | null,
    isRegistryDown: false,
    running: null as string | null,
    lookedMsAgo: 0 as number | null,
    nodes: [node] as NodeSeen[] | null,
    bootedAt: READY,
    replaced: [] as string[],
    records: [] as UsageItem[],
    writes: 0,
  };

  /** Another agent on the same cluster, at the same moment. */
  function agent() {
    const clock = manualClock(0, 1, world.now());
    const control = world.control(undefined, async (_call, name) => {
      if (state.isRegistryDown) throw new Error("the table is throttled");
      if (name === "write") state.writes += 1;
    });
    const deps: IdleDeps = {
      control,
      async readCluster() {
        if (state.isRegistryDown) throw new Error("the table is throttled");
        return world.cluster();
      },
      generation: () => state.generation,
      self: { id: "i-a", bootedAt: state.bootedAt },
      jobs: () => ({
        ...{ running: state.running, lookedMsAgo: state.lookedMsAgo, lastAt: null },
        waiting: world.jobs.values().filter(({ status }) => status === "NEW").length,
      }),
      waiting: async () => world.jobs.values().flatMap(({ id, status }) => (status === "NEW" ? [id] : [])),
      refuse: async (id, why, now) =>
        world.table.perform(jobWrites.refuse({ clusterUuid: CLUSTER_UUID, id }, why, now)),
      usageOf: async () => state.records,
      replace: async (id) => void state.replaced.push(id),
      readJob: async (id) => world.jobs.get(id) ?? null,
      nextSlot: () => null,
      nodes: () => state.nodes,
      onChange: () => {},
      clock,
      log: pino({ level: "silent" }),
    };
    const idle = createIdle(deps);
    return {
      idle,
      /** Lets time pass, in steps of a second. */
      async pass(ms: number, stepMs = 1_000) {
        for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
          world.nowMs += stepMs;
          clock.advance(stepMs);
          await settle();
        }
      },
      /** As a crash: it never acts again. */
      freeze: () => {
        deps.control.readCluster = () => new Promise(() => {});
      },
    };
  }
  world.nowMs = Date.parse(start);
  return Object.assign(state, { world, agent, node });
}

const started = async (head: ReturnType<typeof headOf>) => {
  const one = head.agent();
  one.idle.start();
  await settle();
  return one;
};

describe("a head", () => {
  test("parks the cluster when the timeout is over, after one warning", async () => {
    const head = headOf();
    const one = await started(head);
    await one.pass(9.5 * MINUTE_MS);
    expect(head.world.events).toEqual(["idle-warning"]);
    expect(one.idle.seen()).toMatchObject({ parksAt: "2026-01-01T00:10:00.000Z" });
    await one.pass(MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ phase: "parked", reasonCode: "parked-idle" });
    expect([head.world.size, head.world.events]).toEqual([0, ["idle-warning", "park-begun", "parked"]]);
  });

  test("does not while a job runs, however long and silent", async () => {
    const head = headOf();
    head.running = "j-1";
    const one = await started(head);
    await one.pass(18 * 60 * MINUTE_MS, 5_000);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED" });
  }, 60_000);

  test("does not for a job that its own look missed: the consistent one sees it", async () => {
    const head = headOf({}, "2026-01-01T02:00:00.000Z");
    const one = await started(head);
    head.lookedMsAgo = 0;
    const job = head.world.put("late");
    head.world.jobs.set(job.id, { ...job, status: "INPROGRESS" });
    await one.pass(MINUTE_MS);
    expect(head.world.size).toBe(2);
    expect(head.world.events).toContain("park-stopped");
  });

  test("does not while the loop that reads the queue is blocked, or a node is silent", async () => {
    for (const isBlocked of [true, false]) {
      const head = headOf();
      if (isBlocked) head.lookedMsAgo = null;
      else head.nodes = null;
      const one = await started(head);
      await one.pass(30 * MINUTE_MS, 5_000);
      expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED", activity: { parksAt: null } });
    }
  });

  test("does not while the registry does not answer, nor right after it", async () => {
    const head = headOf();
    const one = await started(head);
    await one.pass(5 * MINUTE_MS);
    head.isRegistryDown = true;
    await one.pass(30 * MINUTE_MS, 5_000);
    head.isRegistryDown = false;
    await one.pass(5_000);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED" });
    await one.pass(MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ phase: "parked" });
  });

  test("counts on where an update changes what it counts to, or says it anew", async () => {
    const head = headOf();
    head.running = "j-1";
    const one = await started(head);
    await one.pass(20 * MINUTE_MS);
    head.running = null;
    await one.pass(8 * MINUTE_MS);
    const declared = { countSshSessions: true, resumeOnJob: true, tags: { team: "b" } };
    for (const idleTimeoutMinutes of [10, 15])
      head.world.table.perform(clusterWrites.configure(CLUSTER_UUID, { ...declared, idleTimeoutMinutes }));
    await one.pass(6.5 * MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED", tags: declared.tags });
    expect(one.idle.seen()?.parksAt).toMatch(/^2026-01-01T00:(34:5.|35:0.)/);
    await one.pass(MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ phase: "parked" });
  });

  test("after another counts on from where the last activity was", async () => {
    const head = headOf();
    head.running = "j-1";
    const first = await started(head);
    await first.pass(20 * MINUTE_MS);
    head.running = null;
    await first.pass(5 * MINUTE_MS);
    first.freeze();
    head.generation = 2;
    const second = await started(head);
    await second.pass(4.5 * MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED" });
    await second.pass(2 * MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ phase: "parked" });
    // The new head knew that the old one had warned.
    expect(head.world.events.filter((event) => event === "idle-warning")).toHaveLength(1);
  });

  test("writes what it sees once a minute at most, and nothing while nothing moves", async () => {
    const head = headOf({ idleTimeoutMinutes: null });
    const one = await started(head);
    await one.pass(10 * MINUTE_MS);
    expect(head.writes).toBe(1);
    head.running = "j-1";
    await one.pass(10 * MINUTE_MS);
    expect(head.writes).toBeLessThanOrEqual(1 + 11);
  });

  test("that is none any more decides nothing", async () => {
    const head = headOf({}, "2026-01-01T02:00:00.000Z");
    const one = await started(head);
    head.generation = null;
    await one.pass(30 * MINUTE_MS, 5_000);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED" });
    expect(one.idle.seen()).toBeNull();
  });

  test("that another has replaced parks nothing, although it does not know that yet", async () => {
    const head = headOf({ leaseGeneration: 2 }, "2026-01-01T02:00:00.000Z");
    const one = await started(head);
    await one.pass(30 * MINUTE_MS, 5_000);
    expect([head.world.cluster().clusterStatus, head.world.events]).toEqual(["FINISHED", ["idle-warning"]]);
  });
});

describe("the head of a cluster that was made for one job", () => {
  const own = (change: Partial<JobItem>): Partial<JobItem> => ({ logState: "delivered", ...change });

  test.each<[string, Partial<JobItem> | null, boolean]>([
    ["parks it at once when the job has ended", own({ status: "FINISHED" }), true],
    [
      "waits for its log",
      own({ status: "FINISHED", logState: "pending", endedAt: "2026-01-01T00:00:00.000Z" }),
      false,
    ],
    [
      "does not wait for a log for ever",
      own({ status: "FAILED", logState: "pending", endedAt: "2025-12-31T23:00:00.000Z" }),
      true,
    ],
    ["waits for a job that has not been submitted", null, false],
  ])("%s", async (_name, change, parks) => {
    const head = headOf({ idleTimeoutMinutes: null });
    const job = head.world.put("own");
    head.world.jobs.delete(job.id);
    if (change !== null) head.world.jobs.set(job.id, { ...job, ...change });
    head.world.change({ dedicatedTo: job.id });
    const one = await started(head);
    await one.pass(MINUTE_MS);
    expect(head.world.cluster().phase).toBe(parks ? "parked" : "ready");
  });
});

describe("a node that finds the cluster PARKED", () => {
  const parked = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 } as const;
  const park = { at: "2026-01-01T00:59:00.000Z", nodes: 2, releasedAt: "2026-01-01T00:59:01.000Z" };
  const at = "2026-01-01T01:00:00.000Z";

  test("and booted before, goes with the park and changes nothing", async () => {
    const head = headOf({ ...parked, park }, at);
    const one = await started(head);
    await one.pass(5 * MINUTE_MS);
    expect([head.world.cluster(), head.writes]).toEqual([expect.objectContaining(parked), 0]);
  });

  test("and booted after it, was woken by Auto Scaling: it resumes the cluster", async () => {
    const head = headOf({ ...parked, park }, at);
    head.bootedAt = "2026-01-01T00:59:30.000Z";
    await started(head);
    expect(head.world.cluster()).toMatchObject({
      ...{ clusterStatus: "INPROGRESS", desiredNodes: 2 },
      resume: { by: "an Auto Scaling schedule" },
    });
    expect(head.world.size).toBe(2);
  });

  test("whose fleet was destroyed changes nothing", async () => {
    const head = headOf({ ...parked, phase: "no-nodes", fleet: undefined as never }, at);
    await started(head);
    expect(head.writes).toBe(0);
  });

  test("in the middle of a park whose head is gone, goes on with it", async () => {
    const head = headOf({ ...parked, phase: "parking", park: { at: park.at, nodes: 2 } }, at);
    await started(head);
    expect([head.world.cluster().phase, head.world.size]).toEqual(["parked", 0]);
  });
});

describe("the head of a cluster that was resumed", () => {
  const resumed: Partial<ClusterItem> = {
    clusterStatus: "INPROGRESS",
    phase: "waiting-for-nodes",
    ...{ desiredNodes: 32, readyNodes: 20 },
    park: { at: READY, nodes: 32, releasedAt: READY },
    resume: { at: "2026-01-01T00:01:00.000Z", by: "job j" },
  };
  const at = "2026-01-01T00:01:00.000Z";

  test("sets the group's size, once: the resumer may have ended before that", async () => {
    const head = headOf(resumed, at);
    const one = await started(head);
    expect(head.world.size).toBe(32);
    head.world.size = 7;
    await one.pass(MINUTE_MS);
    expect(head.world.size).toBe(7);
  });

  test("that gets 20 of 32 nodes waits, then gives all up and says so; no job runs on a part", async () => {
    const head = headOf(resumed, at);
    const job = head.world.put("waits");
    const one = await started(head);
    await one.pass(RESUME_TIMEOUT_MS - 5_000, 5_000);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "INPROGRESS" });
    await one.pass(10_000);
    expect(head.world.cluster()).toMatchObject({
      ...{ clusterStatus: "PARKED", phase: "parked", reasonCode: "resume-timed-out" },
      reason: "20 of 32 nodes were ready 30m after the cluster was resumed",
    });
    expect(head.world.size).toBe(0);
    expect(head.world.jobs.get(job.id)).toMatchObject({
      status: "FAILED",
      reasonCode: "cluster-not-resumed",
    });
  });

  test("replaces nodes of the park that Auto Scaling has kept, itself last", async () => {
    const head = headOf(resumed, at);
    const before = "2025-12-31T00:00:00.000Z";
    head.nodes = [
      { ...head.node, bootedAt: before },
      { ...head.node, id: "i-b", bootedAt: before },
      { ...head.node, id: "i-gone", bootedAt: before, isHeard: false },
      { ...head.node, id: "i-new", bootedAt: at },
    ];
    const one = await started(head);
    await one.pass(50_000);
    expect(head.replaced).toEqual([]);
    await one.pass(MINUTE_MS);
    expect(head.replaced).toEqual(["i-b", "i-a"]);
  });

  test("of a resize by Terraform leaves that to Terraform", async () => {
    const { resume: _, ...resize } = resumed;
    const head = headOf(resize, at);
    const one = await started(head);
    await one.pass(2 * RESUME_TIMEOUT_MS, 10_000);
    expect([head.world.size, head.world.cluster().clusterStatus]).toEqual([2, "INPROGRESS"]);
  });
});

describe("a budget", () => {
  const HOUR_MS = 60 * MINUTE_MS;
  const open = { since: READY, nodes: 2, instanceType: "c5.large" };
  /** Of two nodes: spent after an hour. */
  const budgeted = {
    ...{ idleTimeoutMinutes: null, usage: { open, toRecord: [] } },
    budget: { maxHours: 2, maxCost: null, pricePerHour: null },
  };
  const spentAt = "2026-01-01T01:00:30.000Z";

  test("is warned of once at 80 % and once at 100 %, and then parks the cluster", async () => {
    const head = headOf(budgeted);
    const one = await started(head);
    await one.pass(47 * MINUTE_MS, 5_000);
    expect(head.world.events).toEqual([]);
    await one.pass(10 * MINUTE_MS, 5_000);
    expect(head.world.events).toEqual(["budget-warning"]);
    await one.pass(5 * MINUTE_MS, 5_000);
    expect(head.world.events).toEqual(["budget-warning", "budget-spent", "park-begun", "parked"]);
    expect(head.world.cluster()).toMatchObject({ phase: "parked", reasonCode: "budget-spent" });
    const { nodeMs = 0 } = head.world.cluster().budgetUse ?? {};
    expect(nodeMs).toBeGreaterThanOrEqual(2 * HOUR_MS);
    // It counts each minute: no more than that is used beyond the budget.
    expect(nodeMs).toBeLessThanOrEqual(2 * (HOUR_MS + COUNT_EVERY_MS + 5_000));
  });

  test("counts what is recorded of the month too, and what is in both once", async () => {
    const head = headOf(budgeted);
    const record = (from: string, to: string, nodes: number): UsageItem => ({
      ...{ from, to, nodes, instanceType: "c5.large", endedBecause: "resized", month: "2026-01" },
      ...{ clusterUuid: CLUSTER_UUID, clusterName: "alpha", org: "o" },
    });
    head.records.push(record("2025-12-31T00:00:00.000Z", "2026-01-01T00:00:00.000Z", 9));
    head.records.push(record(READY, "2026-01-01T00:10:00.000Z", 2));
    const one = await started(head);
    await one.pass(MINUTE_MS);
    expect(head.world.cluster().budgetUse?.nodeMs).toBe(20 * MINUTE_MS);
  });

  test("waits for the job that runs, ends those that wait, and parks then", async () => {
    const head = headOf(budgeted, spentAt);
    head.running = "j-1";
    const waiting = head.world.put("waits");
    const one = await started(head);
    await one.pass(10 * MINUTE_MS, 5_000);
    expect(head.world.cluster()).toMatchObject({ clusterStatus: "FINISHED" });
    expect(head.world.jobs.get(waiting.id)).toMatchObject({
      ...{ status: "FAILED", reasonCode: "cluster-budget-spent" },
    });
    expect(head.world.events).toEqual(["budget-spent"]);
    head.running = null;
    await one.pass(MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ phase: "parked", reasonCode: "budget-spent" });
  });

  test("does not wait for who is logged in, or for a keep-alive", async () => {
    const head = headOf({ ...budgeted, keepAliveUntil: "2026-01-01T09:00:00.000Z" }, spentAt);
    const one = await started(head);
    await one.pass(MINUTE_MS);
    expect(head.world.cluster()).toMatchObject({ phase: "parked" });
  });

  test("sends nodes away that an Auto Scaling schedule starts while it is spent", async () => {
    const parked = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 } as const;
    const budgetUse = { month: "2026-01", nodeMs: 2 * HOUR_MS, at: READY };
    const head = headOf({ ...budgeted, ...parked, usage: { open: null, toRecord: [] }, budgetUse }, spentAt);
    const one = await started(head);
    await one.pass(2 * 1_000);
    expect([head.world.size, head.world.cluster().clusterStatus]).toEqual([0, "PARKED"]);
  });

  test("is no concern of a cluster without one: it counts nothing", async () => {
    const head = headOf({ ...budgeted, budget: null }, spentAt);
    const one = await started(head);
    await one.pass(5 * MINUTE_MS, 5_000);
    expect(head.world.cluster().budgetUse).toBeUndefined();
  });
});
