import type { Logger } from "pino";
import type { EventItem } from "../contract/event.js";
import { type EventPlace, placeAfter, placeAt } from "../contract/events-query.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";

/** The events in the registry. */
export interface EventHistory {
  /** At most `limit` of those after the place, by time. Throws SDK errors. */
  after(place: EventPlace, limit: number): Promise<readonly EventItem[]>;
}

/** Follows the cluster's history for all clients of this node together: a read a second, and none while there is no follower. */
export interface EventFeed {
  /**
   * Gives each event after the place once, as `each` takes them; those that happen at the same moment on two nodes in any order. It
   * ends when `gone` aborts. Rejects where `each` does, and after the registry has not answered for OUTAGE_MS.
   */
  follow(start: EventPlace, each: (event: EventItem) => Promise<void>, gone: AbortSignal): Promise<void>;
}

export interface FeedDeps {
  readonly history: EventHistory;
  readonly clock: Pick<Clock, "now" | "sleep" | "monotonicMs">;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 1_000;
const PAGE = 200;
/** A follower is left after the registry has not answered for so long: it can follow on elsewhere. */
const OUTAGE_MS = 60_000;
/** An event's time is its writer's, so one that is written later may have an earlier time: but not by more than this. */
const LATE_MS = 10_000;
/** The read for all goes back so far: who looks once a second, or a few times less often, misses nothing. */
const SHARED_MS = LATE_MS + 5_000;

/** One client's way through the history. */
interface Reader {
  /** All before it was given. */
  place: EventPlace;
  /** Those after it that were given. */
  readonly given: Map<string, EventPlace>;
}

export function createEventFeed({ history, clock, log }: FeedDeps): EventFeed {
  let latest: Promise<readonly EventItem[]> | null = null;
  let latestAtMs = Number.NEGATIVE_INFINITY;

  const placeBefore = (ms: number) => placeAt(new Date(clock.now().getTime() - ms));

  /** What has happened lately: one read for all who ask within a second. */
  function recent(): Promise<readonly EventItem[]> {
    const nowMs = clock.monotonicMs();
    if (latest === null || nowMs - latestAtMs >= LOOK_EVERY_MS) {
      latestAtMs = nowMs;
      latest = history.after(placeBefore(SHARED_MS), PAGE);
    }
    return latest;
  }

  /** A page for the reader: of its own while it is behind, else the one for all. */
  async function page(
    reader: Reader,
  ): Promise<{ readonly events: readonly EventItem[]; readonly isLast: boolean }> {
    if (reader.place >= placeBefore(SHARED_MS)) {
      const shared = await recent();
      if (shared.length < PAGE)
        return { events: shared.filter((event) => placeAfter(event) > reader.place), isLast: true };
    }
    const events = await history.after(reader.place, PAGE);
    return { events, isLast: events.length < PAGE };
  }

  return {
    async follow(start, each, gone) {
      const reader: Reader = { place: start, given: new Map() };
      let answeredAtMs = clock.monotonicMs();
      while (!gone.aborted) {
        const read = await page(reader).catch((error: unknown) => {
          if (clock.monotonicMs() - answeredAtMs >= OUTAGE_MS) throw error;
          log.debug({ reason: reasonOf(error) }, "events can't be read; trying again");
          return null;
        });
        if (read !== null) {
          answeredAtMs = clock.monotonicMs();
          for (const event of read.events) {
            if (gone.aborted) return;
            if (!reader.given.has(event.id)) await each(event);
            reader.given.set(event.id, placeAfter(event));
          }
          move(reader, read, placeBefore(LATE_MS));
        }
        if (read === null || read.isLast) await clock.sleep(LOOK_EVERY_MS);
      }
    },
  };
}

/** Behind a whole page there are more; what is at the end may still get earlier ones before it. */
function move(
  reader: Reader,
  { events, isLast }: { readonly events: readonly EventItem[]; readonly isLast: boolean },
  lately: EventPlace,
): void {
  const last = events.at(-1);
  const next = isLast ? lately : last === undefined ? reader.place : placeAfter(last);
  if (next > reader.place) reader.place = next;
  for (const [id, place] of reader.given) if (place <= reader.place) reader.given.delete(id);
}
