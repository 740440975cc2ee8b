import { describe, expect, test } from "@jest/globals";
import { because } from "../../../agent/contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../../../agent/contract/registry.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import type { Registry } from "../../../provider/client/ports.js";
import { clusterItem, nodeSummary } from "../agent/cluster-item.js";

/** A registry of clusters, and names and UUIDs that nothing in it has. */
export interface RegistryUnderTest {
  readonly registry: Registry;
  /** Another one at each call. */
  unused(): Pick<ClusterItem, "uuid" | "name">;
  /** Writes a node's item, as a head does. */
  reportNode(uuid: string, node: NodeSummary): Promise<void>;
}

const AT = new Date("2026-01-02T00:00:00Z");
const WHY = because("resize-timed-out", "why");
const SIZE = { nodes: 2, from: 0 };
const FLEET = { owner: "mine", group: "g", nodes: 2, since: AT.toISOString() };

/** What every registry of clusters does for Terraform. */
export function describeClusterRegistry(make: () => RegistryUnderTest): void {
  const fresh = ({ unused }: RegistryUnderTest, change: Partial<ClusterItem> = {}) =>
    clusterItem({ ...unused(), clusterStatus: "NEW", desiredNodes: 0, ...change });

  describe("a registry of clusters", () => {
    test("gives a name to one cluster; the same cluster again is no second one", async () => {
      const port = make();
      const { registry } = port;
      const first = fresh(port);
      expect(await registry.createCluster(first)).toBeNull();
      expect(await registry.createCluster(first)).toBeNull();
      const second = fresh(port, { name: first.name });
      expect(await registry.createCluster(second)).toEqual(first);
      expect(await registry.readCluster(second.uuid)).toBeNull();
    });

    test("gives it to one of those that ask at once", async () => {
      const port = make();
      const { name } = port.unused();
      const all = [fresh(port, { name }), fresh(port, { name }), fresh(port, { name })];
      const holders = await Promise.all(all.map((cluster) => port.registry.createCluster(cluster)));
      expect(holders.filter((holder) => holder === null)).toHaveLength(1);
      const listed = (await port.registry.listClusters()) ?? [];
      expect(listed.filter((cluster) => cluster.name === name)).toHaveLength(1);
    });

    test("frees the name with all that the cluster had", async () => {
      const port = make();
      const first = fresh(port);
      await port.registry.createCluster(first);
      await port.registry.updateCluster(clusterWrites.remove(first.uuid, AT));
      await port.registry.deleteCluster(first.uuid, first.name);
      expect(await port.registry.readCluster(first.uuid)).toBeNull();
      expect(await port.registry.createCluster(fresh(port, { name: first.name }))).toBeNull();
      // A delete that is repeated does not take the name from its new holder.
      await port.registry.deleteCluster(first.uuid, first.name);
      expect(await port.registry.createCluster(fresh(port, { name: first.name }))).not.toBeNull();
    });

    test("lets one fleet have the nodes, and another only once they are nobody's", async () => {
      const port = make();
      const { registry } = port;
      const { uuid } = fresh(port);
      const resize = (from: string | null, owner: string) =>
        clusterWrites.resize(uuid, SIZE, { from, to: { ...FLEET, owner } }, AT);
      expect(await registry.updateCluster(resize(null, "mine"))).toBeNull();
      await registry.createCluster(fresh(port, { uuid }));
      expect(await registry.updateCluster(resize(null, "mine"))).toMatchObject({
        clusterStatus: "INPROGRESS",
        desiredNodes: 2,
        fleet: FLEET,
      });
      expect(await registry.updateCluster(resize(null, "theirs"))).toBeNull();
      expect(await registry.updateCluster(resize("theirs", "theirs"))).toBeNull();
      expect(await registry.updateCluster(clusterWrites.park(uuid, "mine", AT))).toBeNull();
      expect(await registry.updateCluster(clusterWrites.drain(uuid, "mine", AT))).toMatchObject({
        desiredNodes: 0,
      });
      const parked = await registry.updateCluster(clusterWrites.park(uuid, "mine", AT));
      expect(parked).toMatchObject({ clusterStatus: "PARKED", phase: "no-nodes" });
      expect(parked).not.toHaveProperty("fleet");
      expect(await registry.updateCluster(resize(null, "theirs"))).toMatchObject({
        fleet: { owner: "theirs" },
      });
    });

    test("takes a parked cluster's fleet, which stays parked since when it was, and may be repeated", async () => {
      const port = make();
      const { registry } = port;
      const { uuid } = fresh(port);
      const since = { statusChangedAt: "2026-01-01T00:00:00.000Z", reasonCode: "parked-idle" } as const;
      const parked = { clusterStatus: "PARKED", phase: "parked", fleet: FLEET, ...since } as const;
      await registry.createCluster(fresh(port, { uuid, ...parked, phase: "parking" }));
      const drain = (owner: string | null) => registry.updateCluster(clusterWrites.drainParked(uuid, owner));
      expect(await drain("mine")).toBeNull();
      const { uuid: other } = fresh(port);
      await registry.createCluster(fresh(port, { uuid: other, name: "other", ...parked }));
      const drainOther = (owner: string | null) =>
        registry.updateCluster(clusterWrites.drainParked(other, owner));
      expect(await drainOther("theirs")).toBeNull();
      const drained = await drainOther("mine");
      expect(drained).toMatchObject({ clusterStatus: "PARKED", phase: "no-nodes", ...since });
      expect(drained).not.toHaveProperty("fleet");
      expect(await drainOther(null)).toMatchObject({ phase: "no-nodes", ...since });
    });

    test("fails a resize only while the cluster waits for it", async () => {
      const port = make();
      const { registry } = port;
      const cluster = fresh(port);
      const fail = (desiredNodes: number, owner = "mine") =>
        registry.updateCluster(clusterWrites.failResize(cluster.uuid, { desiredNodes, owner }, WHY, AT));
      await registry.createCluster(cluster);
      await registry.updateCluster(clusterWrites.resize(cluster.uuid, SIZE, { from: null, to: FLEET }, AT));
      expect([await fail(3), await fail(2, "theirs")]).toEqual([null, null]);
      expect(await fail(2)).toMatchObject({ clusterStatus: "FAILED", ...WHY, desiredNodes: 2 });
      expect(await fail(2)).toBeNull();
    });

    test("takes no nodes and no claim for a cluster that is being removed, and lets it go again", async () => {
      const port = make();
      const { registry } = port;
      const cluster = fresh(port);
      await registry.createCluster(cluster);
      const remove = clusterWrites.remove(cluster.uuid, AT);
      expect(await registry.updateCluster(remove)).toMatchObject({ clusterStatus: "REMOVING" });
      expect(await registry.updateCluster(remove)).toMatchObject({ clusterStatus: "REMOVING" });
      const resize = clusterWrites.resize(cluster.uuid, SIZE, { from: null, to: FLEET }, AT);
      expect(await registry.updateCluster(resize)).toBeNull();
      const empty = clusterWrites.emptyFiles(cluster.uuid, null, AT);
      expect(await registry.updateCluster(empty)).toBeNull();
    });

    test("clears the workers' items, and no other node's", async () => {
      const port = make();
      const { registry } = port;
      const cluster = fresh(port);
      await registry.createCluster(cluster);
      const workers = Array.from({ length: 30 }, (_, index) => nodeSummary(`i-${index}`));
      const notebook = nodeSummary("i-notebook", { kind: "notebook" });
      for (const node of [...workers, notebook]) await port.reportNode(cluster.uuid, node);
      expect(await registry.readNodes(cluster)).toHaveLength(31);
      await registry.clearWorkers(cluster.uuid);
      await registry.clearWorkers(cluster.uuid);
      expect(await registry.readNodes(cluster)).toEqual([notebook]);
    });

    test("lists all, or those of a fleet's group, each as it is", async () => {
      const port = make();
      const { registry } = port;
      const [one, other] = [fresh(port, { fleet: { ...FLEET, group: port.unused().uuid } }), fresh(port)];
      for (const cluster of [one, other]) await registry.createCluster(cluster);
      const group = one.fleet?.group ?? "";
      expect(await registry.clustersOfGroup(group, "now")).toEqual([one]);
      expect(await registry.listClusters()).toEqual(expect.arrayContaining([one, other]));
      await registry.clustersOfGroup(group, "first-listed");
      const late = fresh(port, { fleet: { ...FLEET, group } });
      await registry.createCluster(late);
      expect(await registry.clustersOfGroup(group, "first-listed")).not.toContainEqual(late);
      expect(await registry.clustersOfGroup(group, "now")).toContainEqual(late);
    });
  });
}
