import type { ClusterControl } from "../../agent/contract/park.js";
import type { MusterClient } from "./ports.js";

/** What resuming a cluster needs, of the provider's own ports. A group that is gone has no size: its fleet says so at its own apply. */
export const clusterControl = (
  { registry, groups }: Pick<MusterClient, "registry" | "groups">,
  clusterUuid: string,
): ClusterControl => ({
  readCluster: () => registry.readCluster(clusterUuid),
  perform: async (write) => (await registry.updateCluster(write)) !== null,
  async setSize(name, instances) {
    const group = await groups.describe(name);
    if (group !== null) await groups.resize(group, instances);
  },
  // Terraform's own log says what an apply does; META says who resumed the cluster.
  note: () => undefined,
});
