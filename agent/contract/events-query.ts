import type { EventItem } from "./event.js";
import { clusterPk, EVENT_SK_PREFIX, eventSk, PARTITION_KEY, SORT_KEY } from "./keys.js";

/** A place in a cluster's history: after an event, or at a time; "" is before all. */
export type EventPlace = string;

/** The place after an event. */
export const placeAfter = ({ at, id }: Pick<EventItem, "at" | "id">): EventPlace => eventSk(at, id);
/** The place of a time: what happens from then on is after it. */
export const placeAt = (time: Date): EventPlace => `${EVENT_SK_PREFIX}${time.toISOString()}`;

/** After every event. */
const END = `${EVENT_SK_PREFIX}~`;

/**
 * The query of a cluster's events after a place, in the order of time or against it; but for the table's name and limit. Consistent:
 * an event that was written a moment ago is found.
 */
export const eventsQuery = (
  clusterUuid: string,
  { after, isNewestFirst = false }: { readonly after: EventPlace; readonly isNewestFirst?: boolean },
) => ({
  ConsistentRead: true,
  ScanIndexForward: !isNewestFirst,
  KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :after AND :end",
  ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
  // BETWEEN includes its ends; no event has a sort key that is another's with a blank.
  ExpressionAttributeValues: {
    ":pk": clusterPk(clusterUuid),
    ":after": `${after === "" ? EVENT_SK_PREFIX : after} `,
    ":end": END,
  },
});
