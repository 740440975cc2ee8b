import { LEASE_SK, type LeaseItem, partitionKeyed } from "../../../agent/contract/registry.js";
import { leaseWrites } from "../../../agent/contract/writes/lease.js";
import type { LeaseStore } from "../../../agent/lease/keeper.js";
import { memoryItems, memoryTable, withoutKeys } from "../memory-table.js";
import { CLUSTER_UUID } from "./cluster-item.js";

/** The lease's item in memory, and switches for what can go wrong. */
export interface LeaseTable extends LeaseStore {
  item: LeaseItem | null;
  /** Calls reject while it is set. */
  down: boolean;
  reads: number;
}

export function leaseTable(): LeaseTable {
  const items = memoryTable();
  const leases = memoryItems<LeaseItem>(items, () => LEASE_SK);
  const answer = async <T>(work: () => T): Promise<T> => {
    if (table.down) throw new Error("the table does not answer");
    return work();
  };
  const table: LeaseTable = {
    get item() {
      const item = items.get(partitionKeyed(CLUSTER_UUID, LEASE_SK));
      return item === null ? null : withoutKeys<LeaseItem>(item);
    },
    set item(lease: LeaseItem | null) {
      if (lease === null) leases.delete("");
      else leases.set("", lease);
    },
    down: false,
    reads: 0,
    read: () =>
      answer(() => {
        table.reads += 1;
        return table.item;
      }),
    take: (lease, replacing) => answer(() => items.perform(leaseWrites.take(CLUSTER_UUID, lease, replacing))),
    renew: (lease) => answer(() => items.perform(leaseWrites.renew(CLUSTER_UUID, lease))),
    release: (lease) => answer(() => items.perform(leaseWrites.release(CLUSTER_UUID, lease))),
  };
  return table;
}
