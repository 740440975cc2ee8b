import { expect, test } from "@jest/globals";
import { createAhead } from "../../../../agent/jobs/ahead.js";
import { manualClock } from "../../../support/manual-clock.js";

function setUp() {
  const clock = manualClock();
  return { clock, ahead: createAhead<string>(clock) };
}
const now = async () => "now";

test("what was begun is taken, once", async () => {
  const { ahead } = setUp();
  ahead.begin(async () => "before");
  expect([await ahead.take(now), await ahead.take(now)]).toEqual(["before", "now"]);
});

test.each([
  [1_000, "before"],
  [1_001, "now"],
])("what was begun %i ms ago is taken %s: later it may not be true any more", async (agoMs, taken) => {
  const { clock, ahead } = setUp();
  ahead.begin(async () => "before");
  clock.advance(agoMs);
  expect(await ahead.take(now)).toBe(taken);
});

test("a failure is made anew, and is no unhandled rejection where nothing takes it", async () => {
  const { ahead } = setUp();
  ahead.begin(() => Promise.reject(new Error("early")));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await ahead.take(now)).toBe("now");
});
