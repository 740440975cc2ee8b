import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import { createEventStore } from "../../../agent/aws/event-store.js";
import { createLeaseStore } from "../../../agent/aws/lease-store.js";
import { createParkStore } from "../../../agent/aws/park-store.js";
import { type ClusterTable, openTable, perform } from "../../../agent/aws/table.js";
import type { EventItem } from "../../../agent/contract/event.js";
import { placeAfter, placeAt } from "../../../agent/contract/events-query.js";
import { newJob } from "../../../agent/contract/job.js";
import { keepAlive } from "../../../agent/contract/keep-alive.js";
import { usagePk } from "../../../agent/contract/keys.js";
import { summarizeNodes } from "../../../agent/contract/nodes.js";
import { beginPark, continuePark, type ParkControl, resumeCluster } from "../../../agent/contract/park.js";
import { because, CANCELLED_ON_REQUEST } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { usageItem } from "../../../agent/contract/usage.js";
import { jobWrites } from "../../../agent/contract/writes/job.js";
import { createLeaseKeeper } from "../../../agent/lease/keeper.js";
import { systemClock } from "../../../agent/time/clock.js";
import { CLUSTER_UUID, clusterItem, nodeItem, nodeSummary } from "../../support/agent/cluster-item.js";
import { createClusterTable, putCluster } from "../../support/agent/registry-table.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const log = pino({ level: "silent" });
let emulator: TestEmulator;
let table: ClusterTable;

beforeAll(async () => {
  emulator = await startEmulator();
  table = await createClusterTable(emulator);
});
afterAll(async () => {
  await emulator.stop();
});

/** The same table, with a cluster of its own. */
const clusterTable = (n: number): ClusterTable => ({
  ...table,
  clusterUuid: CLUSTER_UUID.replace(/.$/, `${n}`),
});

describe("the lease", () => {
  const contender = (own: ClusterTable, id: string, ttlMs = 15_000) =>
    createLeaseKeeper({
      store: createLeaseStore(own, ttlMs),
      clock: systemClock,
      self: { id, address: "10.0.0.1" },
      ttlMs,
      isReady: () => true,
      mayHold: true,
      log,
    });

  test.each([1, 2, 3])(
    "a race of 8 contenders has exactly one winner, and 7 that follow it (round %i)",
    async (round) => {
      const own = clusterTable(round);
      const keepers = Array.from({ length: 8 }, (_, i) => contender(own, `i-${i}`));
      const standings = await Promise.all(keepers.map((keeper) => keeper.step(false)));

      const heads = keepers.filter((keeper) => keeper.generation() === 1);
      expect(heads).toHaveLength(1);
      const followed = standings.flatMap((standing) =>
        standing.role === "follower" ? [standing.lease.holder] : [],
      );
      expect(followed).toHaveLength(7);
      expect(new Set(followed)).toEqual(new Set([heads[0]?.seen()?.holder]));
    },
  );

  test("a race for a lost head's lease has exactly one winner", async () => {
    const own = clusterTable(4);
    const ttlMs = 3_000;
    await contender(own, "i-lost", ttlMs).step(false);
    const keepers = Array.from({ length: 8 }, (_, i) => contender(own, `i-${i}`, ttlMs));
    await Promise.all(keepers.map((keeper) => keeper.step(false)));
    expect(keepers.map((keeper) => keeper.generation())).toEqual(Array(8).fill(null));

    await systemClock.sleep(ttlMs);
    await Promise.all(keepers.map((keeper) => keeper.step(false)));
    expect(keepers.filter((keeper) => keeper.generation() === 2)).toHaveLength(1);
  });
});

describe("META", () => {
  const observe = (changes: object, seen = clusterItem()) => ({
    changes: { leaseGeneration: 3, knownNodes: 1, reason: null, ...changes },
    seen,
  });

  test("is written as the head sees it, and keeps what others wrote", async () => {
    const own = clusterTable(6);
    const store = createClusterStore(own);
    await putCluster(own, { tags: { team: "x" } });
    expect(await store.writeObservation(observe({ clusterStatus: "FINISHED", cores: 2 }))).toBe(true);
    expect(await store.readCluster()).toEqual(
      clusterItem({
        tags: { team: "x" },
        clusterStatus: "FINISHED",
        cores: 2,
        leaseGeneration: 3,
        knownNodes: 1,
      }),
    );
  });

  test.each([
    ["a newer head has written", clusterItem({ leaseGeneration: 4 })],
    ["the status has moved", clusterItem({ clusterStatus: "REMOVING" })],
    ["the desired size has moved", clusterItem({ desiredNodes: 7 })],
  ])("is left alone when %s", async (_name, meta) => {
    const own = clusterTable(7);
    const store = createClusterStore(own);
    await putCluster(own, meta);
    expect(await store.writeObservation(observe({ cores: 99 }))).toBe(false);
    expect(await store.readCluster()).toEqual(meta);
  });

  test("of a cluster that is gone is not made again", async () => {
    const store = createClusterStore(clusterTable(8));
    expect(await store.writeObservation(observe({}))).toBe(false);
    expect(await store.readCluster()).toBeNull();
  });
});

describe("a node's item", () => {
  const facts = {
    instanceId: "i-a",
    address: "10.0.0.1",
    hostname: "ip-10-0-0-1",
    instanceType: "c5.xlarge",
    zone: "us-east-1a",
    imageId: "ami-1",
    cores: 2,
    kind: "worker",
    agentVersion: "0.1.0",
    bootId: "boot-1",
    startedAt: "2026-01-01T00:00:00.000Z",
  } as const;
  const report = nodeItem(nodeSummary("i-a", { failingProbes: ["shared"] }));

  test("keeps what the head says when the node starts again", async () => {
    const store = createClusterStore(clusterTable(1));
    await store.registerNode(facts);
    expect(summarizeNodes(await store.readNodes(), clusterItem())).toEqual([]);
    expect(await store.reportNode(3, report)).toBe(true);
    await store.registerNode({ ...facts, bootId: "boot-2" });
    expect(await store.readNode("i-a")).toEqual({
      ...facts,
      bootId: "boot-2",
      hostname: "ip-10-0-0-1",
      failingProbes: ["shared"],
      leaseGeneration: 3,
    });
  });
});

test("a table that is not there rejects, it does not count as a lost race", async () => {
  const nowhere = openTable("nobody", CLUSTER_UUID, "us-east-1");
  await expect(createLeaseStore(nowhere, 5_000).read()).rejects.toThrow();
  await expect(createClusterStore(nowhere).ping(AbortSignal.timeout(5_000))).rejects.toThrow();
});

describe("the cluster's history", () => {
  test("is read page by page, each event once, and an event that is read at once is found", async () => {
    const store = createEventStore(clusterTable(8));
    for (let n = 0; n < 5; n++)
      await store.write({ code: "node-unready", text: `${n}` }, new Date(Date.UTC(2026, 0, 1, 0, n)));
    const first = await store.after("", 3);
    const rest = await store.after(placeAfter(first[2] as EventItem), 3);
    expect([...first, ...rest].map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4"]);
    expect(await store.after(placeAt(new Date(Date.UTC(2026, 0, 1, 0, 4))), 9)).toEqual(rest.slice(-1));
  });
});

describe("usage records", () => {
  test("of one interval are one, and the first one stays", async () => {
    const own = clusterTable(9);
    const store = createClusterStore(own);
    const interval = {
      ...{ instanceType: "c5.xlarge", nodes: 2, endedBecause: "parked" as const },
      ...{ from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T01:00:00.000Z" },
    };
    const usage = usageItem(clusterItem({ uuid: own.clusterUuid }), interval);
    await store.recordUsage(usage);
    await store.recordUsage({ ...usage, to: "2026-01-01T02:00:00.000Z" });
    const { Items } = await own.client.send(
      new QueryCommand({
        TableName: own.TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": usagePk(own.clusterUuid) },
      }),
    );
    expect(Items).toMatchObject([{ sk: interval.from, to: interval.to, month: "2026-01" }]);
  });
});

describe("a park", () => {
  const now = () => new Date("2026-01-01T01:00:00Z");
  const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
  const ready = { clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, fleet } as const;
  const why = because("parked-idle", "nothing was active for 1h");

  async function parking(n: number) {
    const own = clusterTable(n);
    const sizes: number[] = [];
    await putCluster(own, clusterItem({ uuid: own.clusterUuid, ...ready }));
    const { readCluster } = createClusterStore(own);
    const control: ParkControl = {
      ...{ ...createParkStore(own), readCluster, note: () => {} },
      setSize: async (_group, instances) => void sizes.push(instances),
    };
    const cluster = async () => {
      const found = await readCluster();
      if (found === null) throw new Error("no cluster");
      return found;
    };
    return { own, sizes, control, cluster };
  }

  test("goes through the table, step by step, and back", async () => {
    const { sizes, control, cluster } = await parking(2);
    expect(await beginPark(control, await cluster(), why, now)).toBe(true);
    expect(await beginPark(control, await cluster(), why, now)).toBe(false);
    expect(await continuePark(control, now)).toEqual({ is: "parked" });
    expect(await cluster()).toMatchObject({
      clusterStatus: "PARKED",
      phase: "parked",
      desiredNodes: 0,
      ...why,
    });
    expect(await continuePark(control, now)).toEqual({ is: "parked" });
    expect(await resumeCluster(control, "ada", now)).toEqual({ is: "resumed", nodes: 2 });
    expect(await resumeCluster(control, "ada", now)).toEqual({ is: "resuming", nodes: 2 });
    expect(await cluster()).toMatchObject({ clusterStatus: "INPROGRESS", desiredNodes: 2, reasonCode: null });
    expect(sizes).toEqual([0, 2, 2]);
  });

  test("sees every job that has not ended, and stops for it", async () => {
    const { own, sizes, control, cluster } = await parking(3);
    const jobs = ["a", "b", "c"].map((key) => newJob(own.clusterUuid, key, { command: ["pi.py"] }, now()));
    for (const job of jobs) await perform(own, jobWrites.submit(job));
    const [ended, running, waiting] = jobs as [JobItem, JobItem, JobItem];
    await control.perform(jobWrites.cancelQueued(ended, CANCELLED_ON_REQUEST, now()));
    await control.perform(jobWrites.claim(running, 1));
    expect([...(await control.unendedJobs())].sort()).toEqual([running.id, waiting.id].sort());
    await beginPark(control, await cluster(), why, now);
    expect(await continuePark(control, now)).toMatchObject({ is: "stopped" });
    expect([(await cluster()).clusterStatus, sizes]).toEqual(["INPROGRESS", []]);
  });

  test("does not begin over a keep-alive, which two at once don't shorten", async () => {
    const { own, control, cluster } = await parking(5);
    const seen = await cluster();
    const outcomes = await Promise.all(
      [60, 120].map((minutes) => keepAlive(own.clusterUuid, control, minutes, now())),
    );
    expect(outcomes).toHaveLength(2);
    expect((await cluster()).keepAliveUntil).toBe("2026-01-01T03:00:00.000Z");
    expect(await beginPark(control, seen, why, now)).toBe(false);
  });
});
