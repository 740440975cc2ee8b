import { LEASE_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import type { LeaseItem } from "../registry.js";
import { absent, all, equal, type Key, legal, type Put, type Update, update } from "./write.js";

const keyOf = (clusterUuid: string): Key => partitionKeyed(clusterUuid, LEASE_SK);

/** Only the lease's holder, in this generation, may change it. */
const isOwn = ({ holder, generation }: LeaseItem) =>
  all(equal("holder", holder), equal("generation", generation));

/** The legal writes of `LEASE`: who is head. */
export const leaseWrites = {
  take: legal(
    {
      by: ["node"],
      why: "A node becomes head. Of those that have seen the same (generation, renewal) expire, or no lease at all, one wins; a holder that has renewed meanwhile keeps it.",
    },
    (clusterUuid: string, lease: LeaseItem, replacing: LeaseItem | null): Put => ({
      write: "put",
      key: keyOf(clusterUuid),
      item: lease,
      condition:
        replacing === null
          ? absent(PARTITION_KEY)
          : all(equal("generation", replacing.generation), equal("renewal", replacing.renewal)),
    }),
  ),
  renew: legal(
    {
      by: ["head"],
      why: "The holder stays head. It can't renew a lease that another has taken. A late renewal leaves `released` as it is.",
    },
    (clusterUuid: string, lease: LeaseItem): Update =>
      update(
        keyOf(clusterUuid),
        { set: { renewal: lease.renewal, expiresAt: lease.expiresAt } },
        isOwn(lease),
      ),
  ),
  release: legal(
    {
      by: ["head"],
      why: "The holder gives the lease up in order, so that another may take it at once; never one that another has taken.",
    },
    (clusterUuid: string, lease: LeaseItem): Update =>
      update(keyOf(clusterUuid), { set: { released: true } }, isOwn(lease)),
  ),
} as const;
