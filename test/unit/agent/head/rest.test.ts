import { beforeEach, describe, expect, test } from "@jest/globals";
import { createRest, type Rest, restMsFor } from "../../../../agent/head/rest.js";

let nowMs: number;
let ends: number;
let isJobRunning: boolean;
let isUnchanged: boolean;
let rest: Rest;
beforeEach(() => {
  [nowMs, ends, isJobRunning, isUnchanged] = [0, 0, false, true];
  rest = createRest({
    isJobRunning: () => isJobRunning,
    isUnchanged: () => isUnchanged,
    onEnd: () => {
      ends += 1;
    },
    clock: { monotonicMs: () => nowMs },
  });
});
function lookAfter(seconds: number): boolean {
  nowMs += seconds * 1_000;
  rest.look();
  return rest.isAtRest();
}

describe("a cluster", () => {
  test("is at rest after a minute without news, and no sooner", () => {
    expect([lookAfter(59), lookAfter(1), ends]).toEqual([false, true, 0]);
  });

  test("is not while a job runs, and for a minute after", () => {
    isJobRunning = true;
    expect([lookAfter(60), lookAfter(60)]).toEqual([false, false]);
    isJobRunning = false;
    expect([lookAfter(59), lookAfter(1)]).toEqual([false, true]);
  });

  test("is not while META changes", () => {
    isUnchanged = false;
    expect(lookAfter(200)).toBe(false);
    isUnchanged = true;
    expect(lookAfter(1)).toBe(true);
  });

  test("at rest is awake with the first news, at once and said once, and rests a minute later", () => {
    lookAfter(60);
    rest.end();
    rest.end();
    expect([rest.isAtRest(), ends, lookAfter(59), lookAfter(1)]).toEqual([false, 1, false, true]);
  });

  test.each<[string, () => void]>([
    ["a job", () => (isJobRunning = true)],
    ["another META", () => (isUnchanged = false)],
  ])("at rest is awake with the look that finds %s", (_what, happen) => {
    lookAfter(60);
    happen();
    expect([lookAfter(5), ends]).toEqual([false, 1]);
  });
});

test("a head at rest asks its nodes in time for its lease, however short that is", () => {
  expect([60_000, 15_000, 3_000].map(restMsFor)).toEqual([5_000, 5_000, 1_000]);
});
