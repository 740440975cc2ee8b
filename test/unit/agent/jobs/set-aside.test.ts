import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { createSetAside } from "../../../../agent/jobs/set-aside.js";
import { manualClock } from "../../../support/manual-clock.js";

/** Items of a queue that are no jobs. */
const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `JOB#${index}`, problem: "status: got 5" }));

/** `fails`: the registry refuses every write. */
function setAside(fails = false) {
  const written: unknown[][] = [];
  const logged: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void logged.push(JSON.parse(line).msg) });
  const registry = {
    async setAside(...given: unknown[]) {
      written.push(given);
      if (fails) throw new Error("ValidationException");
      return true;
    },
  };
  return { written, logged, aside: createSetAside(registry, manualClock(), log) };
}

test("an item that is no job is ended once, with what is wrong with it, and named once", async () => {
  const { written, logged, aside } = setAside();
  for (let look = 0; look < 3; look += 1) await aside.apply(entries(1), 4);
  const reason = "its item in the registry can't be read: status: got 5";
  const end = { reasonCode: "job-item-unreadable", reason, endedAt: "2026-01-01T00:00:00.000Z" };
  expect(written).toEqual([["JOB#0", 4, end]]);
  expect(logged).toEqual(["an item of the queue can't be read as a job: set aside"]);
});

test("an item that can't be written is tried again at each look; the log says so once", async () => {
  const { written, logged, aside } = setAside(true);
  for (let look = 0; look < 3; look += 1) await aside.apply(entries(1), 4);
  expect(written).toHaveLength(3);
  expect(logged).toEqual([
    "an item could not be set aside yet",
    "an item of the queue can't be read as a job: set aside",
  ]);
});

test("a look ends twenty of them at most, and the next look others", async () => {
  const { written, aside } = setAside();
  const all = entries(50);
  await aside.apply(all, 4);
  expect(written).toHaveLength(20);
  await aside.apply(all, 4);
  await aside.apply(all, 4);
  expect(new Set(written.map(([key]) => key))).toEqual(new Set(all.map(({ key }) => key)));
  expect(written).toHaveLength(50);
});
