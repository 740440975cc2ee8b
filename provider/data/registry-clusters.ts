import type { ClusterItem } from "../../agent/contract/registry.js";
import type { MusterClient } from "../client/ports.js";
import { failure } from "../core/diagnostic.js";
import { OF_A_DESTROY } from "../resources/cluster/name.js";

/** Every cluster of the org in this region, by name. Throws if the org has no registry here. */
export async function observeClusters({
  org,
  region,
  registry,
}: MusterClient): Promise<readonly ClusterItem[]> {
  const clusters = await registry.listClusters();
  if (clusters !== null) return clusters;
  throw failure(
    "org-not-deployed",
    `Org ${org} has no registry in ${region}`,
    "Deploy the org's stack first, and check that the provider's org and region are the ones it was deployed with.",
  );
}

/** The cluster with that UUID. Throws if the registry has none. */
export async function observeCluster(
  { org, region, registry }: MusterClient,
  uuid: string,
  argument: string,
): Promise<ClusterItem> {
  const found = await registry.readCluster(uuid);
  if (found !== null) return found;
  throw failure(
    "cluster-unknown",
    `There is no cluster ${uuid}`,
    `The registry of org ${org} in ${region} does not have it. The data source muster_clusters lists those it has. ${OF_A_DESTROY}`,
    [argument],
  );
}
