import { setTimeout as sleep } from "node:timers/promises";
import { because } from "../../../agent/contract/reasons.js";
import type { NodeSummary } from "../../../agent/contract/registry.js";
import type { TestOrg } from "./org.js";

/** Plays the head node: reports the group's instances, and the cluster ready once they are as many as desired. */
export interface FakeHead {
  /** Whose head it is. */
  clusterName: string;
  groupName: string;
  /** Instances from this index on report a failing probe. */
  unreadyFrom: number;
  /** How many instances there were each time that it was asked to empty the cluster's folders, which it then has done. */
  readonly emptied: number[];
  /** Whether a job uses the nodes: then none goes. */
  isWorking: boolean;
  stop(): Promise<void>;
}

const EVERY_MS = 100;

/** Watches the cluster of that name, from when it exists. */
export function startFakeHead(org: TestOrg, clusterName: string, groupName: string): FakeHead {
  let stopped = false;
  const head: FakeHead = {
    clusterName,
    groupName,
    unreadyFrom: Number.POSITIVE_INFINITY,
    emptied: [],
    isWorking: false,
    stop: async () => undefined,
  };
  async function beat(): Promise<void> {
    const uuid = await org.findUuid(head.clusterName);
    const cluster = uuid === null ? null : await org.cluster(uuid);
    if (uuid !== null && cluster?.files === "to-empty") {
      head.emptied.push((await org.group(head.groupName)).instanceIds.length);
      await org.setCluster(uuid, { files: "emptied" });
    }
    if (uuid === null || cluster?.clusterStatus !== "INPROGRESS") return;
    if (cluster.desiredNodes === 0) {
      // As a head says at once of a cluster whose nodes are to go.
      const surplus = because("nodes-surplus", `${cluster.readyNodes} of 0 nodes are ready`);
      if (cluster.reasonCode === null) await org.observe(uuid, 0, surplus);
      return;
    }
    const surplus = (await org.group(head.groupName)).instanceIds.slice(cluster.desiredNodes);
    if (cluster.shrinksFrom !== undefined && !head.isWorking)
      for (const id of surplus) await org.endInstance(id);
    const { instanceIds } = await org.group(head.groupName);
    const nodes = [...instanceIds].sort().map((id, index) => node(id, index, index < head.unreadyFrom));
    const ready = nodes.filter(({ state }) => state === "ready").length;
    const seen = {
      nodes,
      hostfileNodes: ready,
      cores: 2 * ready,
      headInstanceId: nodes[0]?.id ?? null,
      leaseGeneration: 1,
      observedAt: new Date().toISOString(),
    };
    if (ready === cluster.desiredNodes && nodes.length === ready) {
      await org.observe(uuid, ready, { ...seen, clusterStatus: "FINISHED", phase: "ready" });
    } else {
      const missing = because(
        ready > cluster.desiredNodes ? "nodes-surplus" : "nodes-unready",
        `${ready} of ${cluster.desiredNodes} nodes are ready`,
      );
      // Once, and refused where the provider has said its own since: the provider's word stays.
      await org.observe(uuid, cluster.desiredNodes, {
        ...seen,
        ...(cluster.reasonCode === null ? missing : {}),
      });
    }
  }
  const running = (async () => {
    while (!stopped) {
      // A write that came too late is refused; the next beat looks again.
      await beat().catch(() => undefined);
      await sleep(EVERY_MS);
    }
  })();
  head.stop = async () => {
    stopped = true;
    await running;
  };
  return head;
}

const node = (id: string, index: number, isReady: boolean): NodeSummary => ({
  id,
  address: `10.0.0.${10 + index}`,
  hostname: `ip-10-0-0-${10 + index}`,
  cores: 2,
  kind: "worker",
  state: isReady ? "ready" : "unready",
  failingProbes: isReady ? [] : ["shared"],
  reasonCode: isReady ? null : "node-shared-unusable",
});
