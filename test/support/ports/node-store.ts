import { describe, expect, test } from "@jest/globals";
import { summarizeNodes } from "../../../agent/contract/nodes.js";
import type { NodeFacts } from "../../../agent/contract/writes/node.js";
import type { NodeStore } from "../../../agent/head/node-records.js";
import { clusterItem, nodeItem, nodeSummary } from "../agent/cluster-item.js";

/** A store of nodes' items, as heads and the nodes themselves have it. */
export interface NodeStoreUnderTest extends NodeStore {
  registerNode(node: NodeFacts): Promise<void>;
}

const FACTS: NodeFacts = {
  instanceId: "i-a",
  address: "10.0.0.1",
  hostname: "ip-i-a",
  instanceType: "c5.xlarge",
  zone: "us-east-1a",
  imageId: "ami-1",
  cores: 2,
  kind: "worker",
  agentVersion: "0.1.0",
  bootId: "boot-1",
  startedAt: "2026-01-01T00:00:00.000Z",
};
const REPORT = nodeItem(nodeSummary("i-a", { failingProbes: ["shared"] }));

/** What every store of nodes' items does. `make` gives one of a cluster without nodes. */
export function describeNodeStore(make: () => NodeStoreUnderTest): void {
  const seen = async (store: NodeStore) => summarizeNodes(await store.readNodes(), clusterItem());

  describe("a store of nodes", () => {
    test("has a node that registered, which is none of the cluster's before a head has heard it", async () => {
      const store = make();
      await store.registerNode(FACTS);
      expect(await store.readNodes()).toMatchObject([{ instanceId: "i-a", kind: "worker" }]);
      expect(await seen(store)).toEqual([]);
      expect(await store.reportNode(3, REPORT)).toBe(true);
      expect(await seen(store)).toMatchObject([{ id: "i-a", state: "unready", failingProbes: ["shared"] }]);
    });

    test("keeps what the head says when the node starts again", async () => {
      const store = make();
      await store.reportNode(3, REPORT);
      await store.registerNode(FACTS);
      expect(await seen(store)).toMatchObject([{ id: "i-a", failingProbes: ["shared"] }]);
    });

    test("is the newest head's: an older one neither writes nor deletes", async () => {
      const store = make();
      await store.reportNode(3, REPORT);
      expect(await store.reportNode(2, { ...REPORT, failingProbes: [] })).toBe(false);
      expect(await store.forgetNode(2, "i-a")).toBe(false);
      expect(await seen(store)).toMatchObject([{ failingProbes: ["shared"] }]);
      expect(await store.reportNode(4, { ...REPORT, failingProbes: [] })).toBe(true);
      expect(await seen(store)).toMatchObject([{ state: "ready", failingProbes: [] }]);
    });

    test("forgets a node, heard or not, gone already or not", async () => {
      const store = make();
      await store.registerNode(FACTS);
      await store.reportNode(3, { ...REPORT, instanceId: "i-b" });
      for (const id of ["i-a", "i-b", "i-b", "i-none"]) expect(await store.forgetNode(3, id)).toBe(true);
      expect(await store.readNodes()).toEqual([]);
    });
  });
}
