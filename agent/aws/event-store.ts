import { randomUUID } from "node:crypto";
import { eventItem, type NewEvent } from "../contract/event.js";
import { eventWrites } from "../contract/writes/event.js";
import { type ClusterTable, perform } from "./table.js";

/** The cluster's history. */
export interface EventStore {
  /** Writes an event. Throws SDK errors: the caller decides what an event is worth. */
  write(event: NewEvent, at: Date): Promise<void>;
}

export const createEventStore = (table: ClusterTable): EventStore => ({
  async write(event, at) {
    await perform(table, eventWrites.note(table.clusterUuid, eventItem(event, randomUUID().slice(0, 8), at)));
  },
});
