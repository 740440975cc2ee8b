import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { type EventItem, eventItem } from "../../../../agent/contract/event.js";
import { type EventPlace, placeAfter, placeAt } from "../../../../agent/contract/events-query.js";
import { createEventFeed } from "../../../../agent/watching/feed.js";
import { manualClock } from "../../../support/manual-clock.js";

const log = pino({ level: "silent" });

/** A history in memory, its feed, and a time that moves by seconds. */
function world() {
  const clock = manualClock();
  const events: EventItem[] = [];
  const reads: EventPlace[] = [];
  let isDown = false;
  const history = {
    async after(place: EventPlace, limit: number) {
      reads.push(place);
      if (isDown) throw new Error("the registry is down");
      const sorted = [...events].sort((a, b) => (placeAfter(a) < placeAfter(b) ? -1 : 1));
      return sorted.filter((event) => placeAfter(event) > place).slice(0, limit);
    },
  };
  let count = 0;
  /** One that happened `lateMs` ago, by its writer's clock. */
  const happens = (lateMs = 0) => {
    const at = new Date(clock.now().getTime() - lateMs);
    events.push(eventItem({ code: "node-unready", text: "" }, `e${count++}`, at));
  };
  const feed = createEventFeed({ history, clock, log });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const seconds = async (n: number) => {
    for (let second = 0; second < n; second++) {
      await settle();
      clock.advance(1_000);
    }
    await settle();
  };
  function follow(start: EventPlace) {
    const gone = new AbortController();
    const ids: string[] = [];
    const done = feed.follow(start, async ({ id }) => void ids.push(id), gone.signal);
    return { ids, gone, done };
  }
  const setDown = (down: boolean) => {
    isDown = down;
  };
  return { clock, happens, reads, follow, seconds, setDown };
}

describe("a follower of a cluster's history", () => {
  test("gets what was before, page by page, and then what happens, each event once", async () => {
    const { happens, follow, seconds, clock } = world();
    for (let n = 0; n < 450; n++) {
      happens();
      clock.advance(100);
    }
    const { ids } = follow("");
    await seconds(2);
    expect(ids).toHaveLength(450);
    happens();
    await seconds(2);
    happens();
    await seconds(30);
    expect(ids).toEqual(Array.from({ length: 452 }, (_, n) => `e${n}`));
  });

  test("gets an event that comes late, behind others", async () => {
    const { happens, follow, seconds } = world();
    const { ids } = follow("");
    happens();
    await seconds(3);
    happens(6_000);
    await seconds(3);
    expect(ids).toEqual(["e0", "e1"]);
  });

  test("gets nothing from before its place", async () => {
    const { happens, follow, seconds, clock } = world();
    happens();
    clock.advance(1);
    const { ids } = follow(placeAt(clock.now()));
    await seconds(2);
    happens();
    await seconds(2);
    expect(ids).toEqual(["e1"]);
  });

  test("costs no read of its own: ten followers read as often as one, and none when all are gone", async () => {
    const { happens, follow, seconds, reads, clock } = world();
    happens();
    const all = Array.from({ length: 10 }, () => follow(placeAt(clock.now())));
    await seconds(20);
    expect(reads.length).toBeLessThanOrEqual(22);
    for (const { gone } of all) gone.abort();
    await seconds(2);
    await Promise.all(all.map(({ done }) => done));
    const before = reads.length;
    await seconds(10);
    expect(reads).toHaveLength(before);
  });

  test("outlives a registry that is down for a while, and is left after a minute", async () => {
    const { happens, follow, seconds, setDown } = world();
    const { ids, done } = follow("");
    const end = done.then(
      () => "ended",
      (error: Error) => error.message,
    );
    await seconds(1);
    setDown(true);
    happens();
    await seconds(30);
    setDown(false);
    await seconds(3);
    expect(ids).toEqual(["e0"]);
    setDown(true);
    await seconds(65);
    expect(await end).toBe("the registry is down");
  });
});
