import { PARTITION_KEY, SORT_KEY, usagePk } from "../keys.js";
import type { ClusterItem } from "../registry.js";
import { closedUsage, type UsageItem, usageItem } from "../usage.js";
import { absent, legal, type Put } from "./write.js";

/** The legal writes of `USAGE#<cluster>` / `<from>`. */
export const usageWrites = {
  record: legal(
    {
      by: ["head", "provider", "submitter"],
      why: "An interval has ended. Its key is its begin: whichever writes it again, and however often, it counts once.",
    },
    (usage: UsageItem): Put => ({
      write: "put",
      key: { [PARTITION_KEY]: usagePk(usage.clusterUuid), [SORT_KEY]: usage.from },
      item: usage,
      condition: absent(PARTITION_KEY),
    }),
  ),
} as const;

/** The records of all that a cluster has used whose nodes are no longer wanted. Pure. */
export function closingRecords(cluster: ClusterItem): readonly Put[] {
  if (cluster.usage === undefined) return [];
  return closedUsage(cluster.usage, cluster).toRecord.map((part) =>
    usageWrites.record(usageItem(cluster, part)),
  );
}
