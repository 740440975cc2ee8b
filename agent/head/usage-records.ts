import type { Logger } from "pino";
import type { ClusterItem } from "../contract/registry.js";
import { type UsageItem, usageItem } from "../contract/usage.js";
import { reasonOf } from "../errors.js";

/** Where usage records are kept. */
export interface UsageStore {
  /** Writes a record; one that stands already stays as it is. Throws SDK errors. */
  recordUsage(usage: UsageItem): Promise<void>;
}

/** Brings the ended intervals in META to the records. */
export interface UsageRecords {
  /** META with the intervals that have no record yet. Does not throw: what fails is tried again by the next call. */
  recorded(meta: ClusterItem): Promise<ClusterItem>;
}

export function createUsageRecords(store: UsageStore, log: Logger): UsageRecords {
  let isFailing = false;
  return {
    async recorded(meta) {
      const { usage } = meta;
      if (usage === undefined || usage.toRecord.length === 0) return meta;
      try {
        for (const interval of usage.toRecord) await store.recordUsage(usageItem(meta, interval));
      } catch (error) {
        if (!isFailing) log.warn({ reason: reasonOf(error) }, "usage can't be recorded; trying again");
        isFailing = true;
        return meta;
      }
      isFailing = false;
      return { ...meta, usage: { ...usage, toRecord: [] } };
    },
  };
}
