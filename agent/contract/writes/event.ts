import type { EventItem } from "../event.js";
import { eventSk, PARTITION_KEY, partitionKeyed } from "../keys.js";
import { absent, legal, type Put } from "./write.js";

/** The legal writes of `EVENT#<at>#<id>`. */
export const eventWrites = {
  note: legal(
    {
      by: ["head", "node", "provider", "submitter"],
      why: "Something has happened. An event never changes: the same one, sent again because its answer was lost, changes nothing.",
    },
    (clusterUuid: string, event: EventItem): Put => ({
      write: "put",
      key: partitionKeyed(clusterUuid, eventSk(event.at, event.id)),
      item: event,
      condition: absent(PARTITION_KEY),
    }),
  ),
} as const;
