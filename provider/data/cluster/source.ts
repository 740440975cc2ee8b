import { hostfilePath } from "../../../agent/contract/names.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { errorDiagnostic } from "../../core/diagnostic.js";
import type { Computed } from "../../core/types.js";
import { isReady } from "../../resources/fleet/progress.js";
import { observeCluster, observeClusters } from "../registry-clusters.js";
import { musterDataSource } from "../source.js";
import { clusterNamed } from "./choose.js";
import { clusterDataSchema } from "./schema.js";

/** `data "muster_cluster"`. */
export const clusterSource = musterDataSource({
  schema: clusterDataSchema,

  validate({ name, uuid }) {
    if ((name === null) !== (uuid === null)) return [];
    const given = name === null ? "Neither is given" : "Both are given";
    return [errorDiagnostic("Give name or uuid", `${given}: a cluster is found by exactly one of them.`)];
  },

  async read({ name, uuid }, { client }) {
    if (uuid !== null) return factsOf(await observeCluster(client, uuid, "uuid"));
    return factsOf(clusterNamed(await observeClusters(client), name ?? ""));
  },
});

function factsOf(cluster: ClusterItem): Computed<typeof clusterDataSchema> {
  return {
    name: cluster.name,
    uuid: cluster.uuid,
    id: cluster.uuid,
    org: cluster.org,
    tags: cluster.tags,
    idle_timeout_minutes: cluster.idleTimeoutMinutes,
    created_at: cluster.createdAt,
    status: cluster.clusterStatus,
    phase: cluster.phase,
    reason: cluster.reason,
    desired_nodes: cluster.desiredNodes,
    ready_nodes: cluster.hostfileNodes,
    cores: cluster.cores,
    addresses: cluster.nodes.filter(isReady).map(({ address }) => address),
    head_instance_id: cluster.headInstanceId,
    hostfile: hostfilePath(cluster.uuid),
  };
}
