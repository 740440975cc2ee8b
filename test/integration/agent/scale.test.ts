import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "../../../agent/time/clock.js";
import { type SimulatedCluster, simulateCluster, until } from "../../support/scale/cluster.js";

const NODES = 100;
/** The least with the heartbeats of a real cluster: with a shorter lease, nodes have less time to report than there. */
const TTL_SECONDS = 10;
let cluster: SimulatedCluster;
beforeAll(async () => {
  cluster = await simulateCluster(NODES, TTL_SECONDS);
});
afterAll(() => cluster.stop());

const isEverywhere = async () =>
  cluster.nodes.every((node) => node.isConnected()) && cluster.registry.meta().readyNodes === NODES + 2;
/** What the calls count from now on. */
function callsFromNow(): (name: string) => number {
  const before = new Map(cluster.registry.calls);
  return (name) => (cluster.registry.calls.get(name) ?? 0) - (before.get(name) ?? 0);
}

describe(`a head and ${NODES} nodes`, () => {
  test("all join, and are in the hostfile", async () => {
    await until("all nodes are ready", isEverywhere);
    expect(await cluster.hosts()).toEqual(
      expect.arrayContaining(cluster.nodes.map(({ address }) => address)),
    );
    expect(await cluster.hosts()).toHaveLength(NODES + 2);
    // One for each node: made when it joined.
    expect(cluster.registry.calls.get("cluster.reportNode")).toBeLessThan(1.2 * NODES);
  });

  test("at rest the head writes its lease, and nothing of the nodes", async () => {
    const calls = callsFromNow();
    await systemClock.sleep(4_000);
    expect(calls("lease.renew")).toBeGreaterThan(0);
    const writes = ["cluster.reportNode", "cluster.forgetNode", "cluster.writeObservation", "lease.take"];
    expect(writes.map(calls)).toEqual([0, 0, 0, 0]);
    expect([calls("lease.read"), calls("cluster.readNodes")]).toEqual([0, 0]);
  });

  test("the status comes to all nodes that ask, with the nodes", async () => {
    for (const node of cluster.nodes) node.askStatus();
    await until("all have an answer", () => cluster.seen.statuses === NODES);
    expect(cluster.seen.statusNodes).toBe(NODES * (NODES + 2));
  });

  test("when the head is killed the other takes over with all nodes, and none is declared lost but the head", async () => {
    const killed = cluster.head();
    cluster.killHead();
    await until("another head", () => cluster.registry.meta().headInstanceId !== killed.id);
    await until("all nodes are with it", () => cluster.nodes.every((node) => node.isConnected()));
    await until("it has written the hostfile", async () => (await cluster.hosts()).length === NODES + 1);
    expect(await cluster.hosts()).not.toContain(killed.address);
    expect([...cluster.registry.lost].filter((id) => id !== killed.id)).toEqual([]);
    expect(cluster.registry.meta()).toMatchObject({ clusterStatus: "FINISHED", readyNodes: NODES + 1 });
  });
});
