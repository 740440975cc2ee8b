import { observeClusters } from "../registry-clusters.js";
import { musterDataSource } from "../source.js";
import { clustersDataSchema } from "./schema.js";

/** `data "muster_clusters"`. */
export const clustersSource = musterDataSource({
  schema: clustersDataSchema,

  async read({ status }, { client }) {
    const all = await observeClusters(client);
    const asked = all.filter(({ clusterStatus }) => status === null || clusterStatus === status);
    return {
      id: `${client.org}/${client.region}`,
      uuids: asked.map(({ uuid }) => uuid),
      clusters: asked.map((cluster) => ({
        uuid: cluster.uuid,
        name: cluster.name,
        status: cluster.clusterStatus,
        phase: cluster.phase,
        reason_code: cluster.reasonCode,
        reason: cluster.reason,
        ready_nodes: cluster.hostfileNodes,
        cores: cluster.cores,
        created_at: cluster.createdAt,
      })),
    };
  },
});
