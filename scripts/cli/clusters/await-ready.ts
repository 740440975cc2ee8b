import { isClosed } from "../../../agent/contract/cluster-state.js";
import { missingNodes, withMissing } from "../../../agent/contract/job-wait.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { type AwaitDeps, awaitState, type Look } from "../core/await-state.js";
import { failure } from "../core/exit.js";
import type { Access } from "../core/ports.js";

export interface AwaitReadyDeps extends AwaitDeps {
  readonly access: Pick<Access, "clusters">;
}

const LOOK_EVERY_MS = 2_000;

/**
 * Waits until all wanted nodes are ready, and says what it waits for. It has no limit but --timeout: where capacity is short, Auto Scaling
 * tries on. Throws where the cluster FAILED, is parked or is removed meanwhile.
 */
export async function awaitReady(uuid: string, deps: AwaitReadyDeps): Promise<ClusterItem> {
  const cluster = await awaitState("the cluster", () => look(uuid, deps.access), deps, LOOK_EVERY_MS);
  const { name, hostfileNodes, cores } = cluster;
  deps.out.say(`cluster ${name} is ready: ${hostfileNodes} nodes with ${cores} cores`);
  return cluster;
}

async function look(uuid: string, { clusters }: AwaitReadyDeps["access"]): Promise<Look<ClusterItem>> {
  const cluster = await clusters.read(uuid);
  if (cluster === null || isClosed(cluster)) throw failure(`Cluster ${uuid} is being removed, or is gone.`);
  const { name, clusterStatus, reason } = cluster;
  if (clusterStatus === "FINISHED" && cluster.hostfileNodes >= cluster.desiredNodes)
    return { found: cluster };
  if (clusterStatus === "FAILED" || clusterStatus === "PARKED")
    throw failure(`Cluster ${name} is ${clusterStatus}: ${reason ?? "no reason is recorded"}.`);
  const missing = missingNodes(await withMissing(cluster, clusters.nodes));
  return {
    waits: `cluster ${name} is ${clusterStatus}: ${missing ?? "all nodes are there, and its head looks at them"}`,
  };
}
