import { withMissing } from "../../agent/contract/job-wait.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { MusterClient } from "./ports.js";

/** The cluster with its nodes; null: the registry does not have it. Two reads, of which the second grows with the nodes. */
export async function observeCluster(
  { registry }: Pick<MusterClient, "registry">,
  uuid: string,
): Promise<ObservedCluster | null> {
  const item = await registry.readCluster(uuid);
  return item === null ? null : { ...item, nodes: await registry.readNodes(item) };
}

/**
 * As observeCluster, for a wait that looks often: nodes are read only where some are missing, and again only once the head has
 * written of the cluster since.
 */
export function watchHealth({
  registry,
}: Pick<MusterClient, "registry">): (uuid: string) => Promise<ObservedCluster | null> {
  let last: ObservedCluster | null = null;
  return async (uuid) => {
    const item = await registry.readCluster(uuid);
    if (item === null) return null;
    const known = last?.uuid === uuid && last.observedAt === item.observedAt ? last.nodes : null;
    last = await withMissing(item, known === null ? registry.readNodes : async () => known);
    return last;
  };
}
