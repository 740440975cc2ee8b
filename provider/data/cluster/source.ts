import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { errorDiagnostic } from "../../core/diagnostic.js";
import type { Computed } from "../../core/types.js";
import { factsOf } from "../../resources/cluster/facts.js";
import { clusterNamed } from "../../resources/cluster/name.js";
import { observeCluster, observeClusters } from "../registry-clusters.js";
import { musterDataSource } from "../source.js";
import { clusterDataSchema } from "./schema.js";

/** `data "muster_cluster"`. */
export const clusterSource = musterDataSource({
  schema: clusterDataSchema,

  validate({ name, uuid }) {
    if ((name === null) !== (uuid === null)) return [];
    const given = name === null ? "Neither is given" : "Both are given";
    return [
      errorDiagnostic(
        "cluster-name-or-uuid",
        "Give name or uuid",
        `${given}: a cluster is found by exactly one of them.`,
      ),
    ];
  },

  async read({ name, uuid }, { client }) {
    const found =
      uuid === null
        ? clusterNamed(await observeClusters(client), name ?? "")
        : await observeCluster(client, uuid, "uuid");
    return foundState({ ...found, nodes: await client.registry.readNodes(found) });
  },
});

function foundState(cluster: ObservedCluster): Computed<typeof clusterDataSchema> {
  return {
    name: cluster.name,
    uuid: cluster.uuid,
    tags: cluster.tags,
    idle_timeout_minutes: cluster.idleTimeoutMinutes,
    count_ssh_sessions: cluster.countSshSessions ?? true,
    resume_on_job: cluster.resumeOnJob ?? true,
    ...factsOf(cluster),
  };
}
