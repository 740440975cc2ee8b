import { describe, expect, test } from "@jest/globals";
import { keepAlive } from "../../../../agent/contract/keep-alive.js";
import { usagePk } from "../../../../agent/contract/keys.js";
import {
  beginPark,
  continuePark,
  isLeaving,
  parkedRefusal,
  resumeCluster,
  wakeForJob,
} from "../../../../agent/contract/park.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { CrashError, parkWorld } from "../../../support/agent/park-world.js";

type World = ReturnType<typeof parkWorld>;
const WHY = because("parked-idle", "nothing was active for 1h");
const GONE = { knownNodes: 0, readyNodes: 0, hostfileNodes: 0, cores: 0, headInstanceId: null, busy: false };
const PARKED = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0, ...WHY, ...GONE } as const;

/** A head, or a command, that parks from the beginning to the end. */
async function park(world: World, control = world.control()): Promise<string> {
  const seen = await control.readCluster();
  if (seen === null || !(await beginPark(control, seen, WHY, world.now))) return "not begun";
  return (await continuePark(control, world.now)).is;
}
/** How many calls a park makes. */
async function callsOfPark(): Promise<number> {
  const world = parkWorld();
  await park(world);
  return world.calls;
}

describe("a park", () => {
  test("ends without nodes, keeps the rest, and is noted once", async () => {
    const world = parkWorld();
    expect(await park(world)).toBe("parked");
    expect(world.cluster()).toMatchObject({ ...PARKED, fleet: { nodes: 2 }, park: { nodes: 2 } });
    expect([world.size, world.events]).toEqual([0, ["park-begun", "parked"]]);
  });

  test("says first that it parks, looks at the jobs then, and touches the group only after it", async () => {
    const world = parkWorld();
    const steps: string[] = [];
    const control = world.control(undefined, async (_call, name) => {
      const { phase, park: own } = world.cluster();
      if (name !== "read")
        steps.push(`${name}: ${phase}, ${own?.releasedAt === undefined ? "kept" : "released"}`);
    });
    await park(world, control);
    expect(steps).toEqual([
      "write: ready, kept",
      "jobs: parking, kept",
      "write: parking, kept",
      "size: parking, released",
      "write: parking, released",
    ]);
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["is resized", { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" }],
    ["is being removed", { clusterStatus: "REMOVING", phase: "removing" }],
    ["has no fleet", { fleet: undefined as never }],
  ])("does not begin where the cluster %s meanwhile", async (_name, change) => {
    const world = parkWorld();
    const seen = world.cluster();
    world.change(change);
    expect(await beginPark(world.control(), seen, WHY, world.now)).toBe(false);
    expect(world.events).toEqual([]);
  });

  test("does not begin where a newer head has written, or the cluster is kept awake meanwhile", async () => {
    for (const change of [{ leaseGeneration: 2 }, { keepAliveUntil: "2026-01-01T02:00:00.000Z" }]) {
      const world = parkWorld();
      const seen = world.cluster();
      world.change(change);
      expect(await beginPark(world.control(), seen, WHY, world.now)).toBe(false);
    }
  });

  test.each<[string, Partial<ClusterItem>, string]>([
    ["is being removed", { clusterStatus: "REMOVING" }, "gone"],
    ["is awake", {}, "resumed"],
    ["is parked", PARKED, "parked"],
  ])("is not gone on with where the cluster %s", async (_name, change, is) => {
    const world = parkWorld(change);
    expect(await continuePark(world.control(), world.now)).toEqual({ is });
    expect([world.size, world.events]).toEqual([2, []]);
  });

  test("is noted with its reason", async () => {
    const world = parkWorld();
    const notes: unknown[] = [];
    await park(world, { ...world.control(), note: (event) => void notes.push(event) });
    expect(notes.at(-1)).toEqual({ code: "parked", text: WHY.reason });
  });

  test("by its head and a command at once is one park", async () => {
    const world = parkWorld();
    await beginPark(world.control(), world.cluster(), WHY, world.now);
    const outcomes = await Promise.all([1, 2, 3].map(() => continuePark(world.control(), world.now)));
    expect(outcomes.map(({ is }) => is)).toEqual(["parked", "parked", "parked"]);
    expect(world.cluster()).toMatchObject(PARKED);
    expect(world.events).toEqual(["park-begun", "parked"]);
  });
});

describe("a park whose head ends between any two steps", () => {
  const crashed = async (world: World, calls: number) => {
    await expect(park(world, world.control(calls))).rejects.toThrow(CrashError);
  };

  test("is gone on with by the next head", async () => {
    const calls = await callsOfPark();
    for (let call = 2; call < calls; call++) {
      const world = parkWorld();
      await crashed(world, call);
      expect(await continuePark(world.control(), world.now)).toEqual({ is: "parked" });
      expect([world.size, world.cluster()]).toEqual([0, expect.objectContaining(PARKED)]);
    }
  });

  test("is resumed by a job, whose cluster gets nodes that are not of the park", async () => {
    const calls = await callsOfPark();
    for (let call = 2; call < calls; call++) {
      const world = parkWorld();
      await crashed(world, call);
      world.nowMs += 1_000;
      const job = world.put("late");
      expect(await wakeForJob(world.control(), job, world.now)).toBeNull();
      const cluster = world.cluster();
      expect([world.size, cluster]).toEqual([
        2,
        expect.objectContaining({ clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", desiredNodes: 2 }),
      ]);
      // The nodes that were there: they leave, unless the park had given up none.
      const wasReleased = cluster.park?.releasedAt !== undefined;
      expect(isLeaving(cluster.park, "2026-01-01T00:00:00.000Z", world.now())).toBe(wasReleased);
      expect(isLeaving(cluster.park, "2026-01-01T01:00:30.000Z", world.now())).toBe(false);
    }
  });
});

describe("the usage of a cluster that parks", () => {
  const open = { since: "2025-12-31T23:00:00.000Z", nodes: 2, instanceType: "c5.xlarge" };
  const month = { ...{ nodes: 2, instanceType: "c5.xlarge" }, endedBecause: "month-end" as const };
  const recorded = { ...month, from: "2025-11-30T23:00:00.000Z", to: "2025-12-01T00:00:00.000Z" };
  const ended = [
    { ...month, from: open.since, to: "2026-01-01T00:00:00.000Z" },
    { ...month, from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T01:00:00.000Z", endedBecause: "parked" },
  ];
  const inUse = () => parkWorld({ usage: { open, toRecord: [recorded] } });
  const records = (world: World) =>
    world.table.query(usagePk(CLUSTER_UUID)).map(({ from, to }) => [from, to]);
  const expected = [recorded, ...ended].map(({ from, to }) => [from, to]);

  test("ends with it, and is recorded before any node goes", async () => {
    const world = inUse();
    const seen: unknown[] = [];
    const control = world.control(undefined, async (_call, name) => {
      if (name === "size") seen.push(...records(world));
    });
    expect(await park(world, control)).toBe("parked");
    expect(seen).toEqual(expected);
    expect(world.cluster().usage).toEqual({ open: null, toRecord: [recorded, ...ended] });
  });

  test("ends once, at the same moment, whoever goes on with the park, and is recorded once", async () => {
    const whole = inUse();
    await park(whole);
    for (let call = 2; call < whole.calls; call++) {
      const world = inUse();
      await expect(park(world, world.control(call))).rejects.toThrow(CrashError);
      world.nowMs += 60_000;
      expect(await continuePark(world.control(), world.now)).toEqual({ is: "parked" });
      expect([call, records(world)]).toEqual([call, expected]);
    }
  });

  test("is what it is at that moment: a park does not begin over what the head has written meanwhile", async () => {
    const world = inUse();
    const seen = world.cluster();
    world.change({ usage: { open: { ...open, since: "2026-01-01T00:00:00.000Z" }, toRecord: [] } });
    expect(await beginPark(world.control(), seen, WHY, world.now)).toBe(false);
    const unused = parkWorld();
    const before = unused.cluster();
    unused.change({ usage: { open, toRecord: [] } });
    expect(await beginPark(unused.control(), before, WHY, unused.now)).toBe(false);
  });

  test("ends with a resume that is given up", async () => {
    const world = inUse();
    world.change({ clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" });
    await park(world);
    expect(records(world)).toEqual(expected);
  });
});

describe("a job that is submitted while the cluster parks", () => {
  /** A submitter: first the job, then the look at META. */
  const submit = async (world: World) => {
    const job = world.put("raced");
    await wakeForJob(world.control(), job, world.now);
    return job;
  };

  test("wins, whichever step it comes before", async () => {
    const calls = await callsOfPark();
    for (let call = 1; call < calls; call++) {
      const world = parkWorld();
      const control = world.control(undefined, async (own) => {
        if (own === call) await submit(world);
      });
      await park(world, control);
      expect([call, world.cluster()]).toEqual([
        call,
        expect.objectContaining({
          clusterStatus: expect.stringMatching(/INPROGRESS|FINISHED/),
          desiredNodes: 2,
        }),
      ]);
      expect([call, world.size]).toEqual([call, 2]);
    }
  });

  test("and was put before the park began is seen by the look, although the queue's index lags", async () => {
    const world = parkWorld();
    const job = world.put("first");
    expect(await park(world)).toBe("stopped");
    expect(world.cluster()).toMatchObject({
      clusterStatus: "INPROGRESS",
      desiredNodes: 2,
      resume: { by: `job ${job.id}` },
    });
    expect(world.cluster().park).not.toHaveProperty("releasedAt");
    expect([world.size, world.events]).toEqual([2, ["park-begun", "park-stopped"]]);
  });

  test("and runs keeps every node: no park ends one that holds work", async () => {
    const world = parkWorld();
    const job = world.put("running");
    world.jobs.set(job.id, { ...job, status: "INPROGRESS" });
    expect(await park(world)).toBe("stopped");
    expect(world.size).toBe(2);
  });

  test("sets the group's size again where a slow parker's comes after the resumer's", async () => {
    const world = parkWorld();
    await park(
      world,
      world.control(undefined, async (_call, name) => {
        if (name === "size" && world.cluster().clusterStatus === "PARKED")
          await resumeCluster(world.control(), "ada", world.now);
      }),
    );
    expect([world.size, world.cluster().clusterStatus]).toEqual([2, "INPROGRESS"]);
  });
});

describe("a resume", () => {
  const parked = async (change: Partial<ClusterItem> = {}) => {
    const world = parkWorld(change);
    await park(world);
    world.events.length = 0;
    return world;
  };

  test("asks for as many nodes as there were, in the registry first", async () => {
    const world = await parked({ desiredNodes: 3 });
    expect(await resumeCluster(world.control(), "ada", world.now)).toEqual({ is: "resumed", nodes: 3 });
    expect(world.cluster()).toMatchObject({ desiredNodes: 3, reasonCode: null, resume: { by: "ada" } });
    expect([world.size, world.events]).toEqual([3, ["resumed"]]);
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["had none when it parked", { park: { at: "2026-01-01T00:00:00.000Z", nodes: 0 } }],
    ["has no word of its park", {}],
  ])("asks for the fleet's nodes where the cluster %s", async (_name, change) => {
    const world = parkWorld({ ...PARKED, ...change });
    expect(await resumeCluster(world.control(), "ada", world.now)).toEqual({ is: "resumed", nodes: 2 });
  });

  test("of several at once is one", async () => {
    const world = await parked();
    const all = await Promise.all([1, 2, 3].map(() => resumeCluster(world.control(), "ada", world.now)));
    expect(all.map(({ is }) => is).sort()).toEqual(["resumed", "resuming", "resuming"]);
    expect(world.events).toEqual(["resumed"]);
  });

  test("that ended before it set the group's size is gone on with by the next one", async () => {
    const world = await parked();
    await expect(resumeCluster(world.control(2), "ada", world.now)).rejects.toThrow(CrashError);
    expect(world.size).toBe(0);
    expect(await resumeCluster(world.control(), "ada", world.now)).toEqual({ is: "resuming", nodes: 2 });
    expect(world.size).toBe(2);
  });

  test.each<[string, Partial<ClusterItem>, string]>([
    ["awake", {}, "awake"],
    [
      "whose fleet was destroyed",
      { clusterStatus: "PARKED", phase: "no-nodes", fleet: undefined as never },
      "no-fleet",
    ],
    ["whose nodes were taken by an apply", { ...PARKED, phase: "no-nodes" }, "no-fleet"],
    ["that is parked, and whose fleet is gone", { ...PARKED, fleet: undefined as never }, "no-fleet"],
    [
      "whose nodes come already",
      {
        ...{ clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", knownNodes: 1 },
        resume: { at: "2026-01-01T00:59:00.000Z", by: "ada" },
      },
      "awake",
    ],
    ["that is being removed", { clusterStatus: "REMOVING" }, "closed"],
    ["that Terraform makes, whose size is its own", { clusterStatus: "INPROGRESS", knownNodes: 0 }, "awake"],
  ])("of a cluster %s changes nothing", async (_name, change, is) => {
    const world = parkWorld(change);
    const before = world.cluster();
    expect(await resumeCluster(world.control(), "ada", world.now)).toEqual({ is });
    expect([world.cluster(), world.size]).toEqual([before, 2]);
  });

  test("by a job is not where the cluster is to stay parked", async () => {
    const world = await parked({ resumeOnJob: false });
    expect(await wakeForJob(world.control(), queuedJob("j"), world.now)).toMatchObject({
      reasonCode: "cluster-stays-parked",
    });
    expect(world.cluster()).toMatchObject(PARKED);
    expect(await resumeCluster(world.control(), "ada", world.now)).toMatchObject({ is: "resumed" });
    expect(
      parkedRefusal(clusterItem({ clusterStatus: "FINISHED", resumeOnJob: false }), world.now()),
    ).toBeNull();
  });

  test("costs a job of a cluster that never parked one read", async () => {
    const world = parkWorld();
    await wakeForJob(world.control(), queuedJob("j"), world.now);
    expect(world.calls).toBe(1);
  });

  test("by an apply is no resume of before any more", async () => {
    const world = await parked();
    await resumeCluster(world.control(), "ada", world.now);
    const { fleet } = world.cluster();
    if (fleet === undefined) throw new Error("no fleet");
    world.table.perform(
      clusterWrites.resize(
        CLUSTER_UUID,
        { nodes: 3, from: 0 },
        { from: "o", to: { ...fleet, nodes: 3 } },
        world.now(),
      ),
    );
    expect(world.cluster()).not.toHaveProperty("resume");
  });
});

test("a park, and a resume, that others come before each time fail after ten tries", async () => {
  const world = parkWorld();
  await beginPark(world.control(), world.cluster(), WHY, world.now);
  const tries = { reads: 0 };
  const control = {
    ...world.control(),
    readCluster: async () => {
      tries.reads += 1;
      return world.cluster();
    },
    perform: async () => false,
  };
  await expect(continuePark(control, world.now)).rejects.toThrow("park of cluster demo is written by others");
  // The last one is for its name.
  expect(tries.reads).toBe(11);
  tries.reads = 0;
  await expect(resumeCluster(control, "ada", world.now)).rejects.toThrow("written by others all the time");
  expect([tries.reads, world.size]).toEqual([10, 2]);
});

describe("a node that leaves with a park", () => {
  const park = { at: "2026-01-01T01:00:00.000Z", nodes: 2, releasedAt: "2026-01-01T01:00:01.000Z" };
  const now = new Date("2026-01-01T01:05:00Z");
  test.each<[string, boolean, Parameters<typeof isLeaving>]>([
    ["booted before it", true, [park, "2026-01-01T00:59:59.000Z", now]],
    ["... and one that booted after it is new", false, [park, "2026-01-01T01:00:02.000Z", now]],
    [
      "... and one of a park that gave up none stays",
      false,
      [{ at: park.at, nodes: 2 }, "2026-01-01T00:00:00Z", now],
    ],
    ["... and so does one of a cluster that never parked", false, [undefined, "2026-01-01T00:00:00Z", now]],
    ["... and one that does not say when it booted", false, [park, undefined, now]],
    [
      "is gone in a quarter of an hour: one whose clock is wrong is new then",
      false,
      [park, "2020-01-01T00:00:00Z", new Date("2026-01-01T01:15:01Z")],
    ],
  ])("%s", (_name, expected, given) => {
    expect(isLeaving(...given)).toBe(expected);
  });
});

describe("a keep-alive", () => {
  const keep = (world: World, minutes: number, control = world.control()) =>
    keepAlive(CLUSTER_UUID, control, minutes, world.now());

  test("holds until then, and a shorter one after it changes nothing", async () => {
    const world = parkWorld();
    const until = new Date("2026-01-01T03:00:00Z");
    expect(await keep(world, 120)).toEqual({ is: "kept", until });
    expect(await keep(world, 30)).toEqual({ is: "kept", until });
    expect(world.cluster().keepAliveUntil).toBe(until.toISOString());
  });

  test("until the same moment is not written again", async () => {
    const world = parkWorld();
    const calls: string[] = [];
    const control = world.control(undefined, async (_call, name) => void calls.push(name));
    for (let time = 0; time < 2; time += 1) await keep(world, 60, control);
    expect(calls).toEqual(["read", "write", "read"]);
  });

  test("fails where others write the cluster before each of ten tries", async () => {
    const world = parkWorld();
    let writes = 0;
    const control = world.control(undefined, async (_call, name) => {
      if (name === "write") world.change({ keepAliveUntil: `2026-01-01T01:00:${10 + ++writes}.000Z` });
    });
    await expect(keep(world, 60, control)).rejects.toThrow("written by others all the time");
    expect(writes).toBe(10);
  });

  test("of two at once the longer one counts", async () => {
    const world = parkWorld();
    const slow = world.control(undefined, async (call) => {
      if (call === 1) await keep(world, 240);
    });
    expect(await keep(world, 60, slow)).toEqual({ is: "kept", until: new Date("2026-01-01T05:00:00Z") });
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["parked", { clusterStatus: "PARKED", phase: "parking" }],
    ["closed", { clusterStatus: "REMOVING" }],
  ])("of a cluster that is %s keeps nothing awake", async (is, change) => {
    const world = parkWorld(change);
    expect(await keep(world, 60)).toEqual({ is });
    expect(world.cluster()).not.toHaveProperty("keepAliveUntil");
  });

  test.each([1, 1_440])("of %s minutes is within the bounds", async (minutes) => {
    expect(await keep(parkWorld(), minutes)).toMatchObject({ is: "kept" });
  });

  test.each([0, 1_441, 1.5, Number.NaN])("of %s minutes fails", async (minutes) => {
    await expect(keep(parkWorld(), minutes)).rejects.toThrow("from 1 to 1440");
  });
});
