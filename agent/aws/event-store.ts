import { randomUUID } from "node:crypto";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type EventItem, eventItem, type NewEvent } from "../contract/event.js";
import { eventsQuery } from "../contract/events-query.js";
import { eventWrites } from "../contract/writes/event.js";
import type { EventHistory } from "../watching/feed.js";
import { type ClusterTable, perform, withoutKeys } from "./table.js";

/** The cluster's history. */
export interface EventStore extends EventHistory {
  /** Writes an event. Throws SDK errors: the caller decides what an event is worth. */
  write(event: NewEvent, at: Date): Promise<void>;
}

export function createEventStore(table: ClusterTable): EventStore {
  const { client, TableName, clusterUuid } = table;
  return {
    async write(event, at) {
      await perform(table, eventWrites.note(clusterUuid, eventItem(event, randomUUID().slice(0, 8), at)));
    },
    async after(place, limit) {
      const query = new QueryCommand({
        TableName,
        ...eventsQuery(clusterUuid, { after: place }),
        Limit: limit,
      });
      const { Items = [] } = await client.send(query);
      return Items.map((item) => withoutKeys<EventItem>(item));
    },
  };
}
