import { nameKey, PARTITION_KEY } from "../keys.js";
import type { ClusterItem, NameItem } from "../registry.js";
import { absent, type Delete, equal, legal, type Put } from "./write.js";

type Named = Pick<ClusterItem, "uuid" | "org" | "name" | "createdAt">;

/** The legal writes of `NAME#<name>`: which cluster of the org has a name. */
export const nameWrites = {
  keep: legal(
    {
      by: ["provider"],
      why: "A cluster gets its name, in one transaction with META: two that are made at once can't both have it. `stale` is a cluster that is gone and left the name behind, as a delete that was cut short does; its name is taken over, unless a third took it first.",
    },
    ({ uuid, org, name, createdAt }: Named, stale: string | null): Put => ({
      write: "put",
      key: nameKey(org, name),
      item: { clusterUuid: uuid, since: createdAt } satisfies NameItem,
      condition: stale === null ? absent(PARTITION_KEY) : equal("clusterUuid", stale),
    }),
  ),
  free: legal(
    {
      by: ["provider"],
      why: "A cluster that is gone gives its name back, after META; where another cluster has taken the name by now, it keeps it.",
    },
    ({ uuid, org, name }: Omit<Named, "createdAt">): Delete => ({
      write: "delete",
      key: nameKey(org, name),
      condition: equal("clusterUuid", uuid),
    }),
  ),
} as const;
