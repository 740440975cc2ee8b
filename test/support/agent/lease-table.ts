import type { LeaseItem } from "../../../agent/contract/registry.js";
import type { LeaseStore } from "../../../agent/lease/keeper.js";

/** The lease's item in memory, with the conditions that the table applies, and switches for what can go wrong. */
export interface LeaseTable extends LeaseStore {
  item: LeaseItem | null;
  /** Calls reject while it is set. */
  down: boolean;
  reads: number;
}

export function leaseTable(): LeaseTable {
  const mayChange = (lease: LeaseItem) =>
    table.item?.holder === lease.holder && table.item.generation === lease.generation;
  const answer = async <T>(work: () => T): Promise<T> => {
    if (table.down) throw new Error("the table does not answer");
    return work();
  };
  const table: LeaseTable = {
    item: null,
    down: false,
    reads: 0,
    read: () =>
      answer(() => {
        table.reads += 1;
        return table.item;
      }),
    take: (lease, replacing) =>
      answer(() => {
        const isAsSeen =
          table.item?.generation === replacing?.generation && table.item?.renewal === replacing?.renewal;
        if (isAsSeen) table.item = lease;
        return isAsSeen;
      }),
    renew: (lease) =>
      answer(() => {
        if (!mayChange(lease) || table.item === null) return false;
        table.item = { ...table.item, renewal: lease.renewal, expiresAt: lease.expiresAt };
        return true;
      }),
    release: (lease) =>
      answer(() => {
        if (!mayChange(lease) || table.item === null) return false;
        table.item = { ...table.item, released: true };
        return true;
      }),
  };
  return table;
}
