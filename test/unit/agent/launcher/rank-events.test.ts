import { describe, expect, test } from "@jest/globals";
import {
  isDeeperCause,
  isLeftoverOver,
  NO_WAIT,
  NOTHING_SEEN,
  sightAfter,
  waitOf,
} from "../../../../agent/launcher/rank-events.js";

const rank = (number: number, waits = false) => ({ rank: number, waits });

describe("what ranks leave behind", () => {
  test.each([
    ["nothing runs any more", { ranks: [], others: 0 }, null],
    ["a rank runs with what it has started", { ranks: [rank(0)], others: 2 }, null],
    ["something that a rank started runs alone", { ranks: [], others: 1 }, 100],
  ])("where %s", (_name, now, leftoverSinceMs) => {
    expect(sightAfter(NOTHING_SEEN, now, 100).leftoverSinceMs).toBe(leftoverSinceMs);
  });

  test("may go on for five seconds, counted from when it was first seen", () => {
    const alone = { ranks: [], others: 1 };
    const sight = sightAfter(sightAfter(NOTHING_SEEN, alone, 100), alone, 5_000);
    expect([isLeftoverOver(sight, 5_099), isLeftoverOver(sight, 5_100)]).toEqual([false, true]);
    expect(isLeftoverOver(NOTHING_SEEN, 9_999)).toBe(false);
  });
});

describe("ranks that wait", () => {
  const now = { ranks: [rank(3, true), rank(1)], others: 0 };
  test("are told of after five seconds, with those that run, in order", () => {
    const sight = sightAfter(sightAfter(NOTHING_SEEN, now, 100), now, 4_000);
    expect(waitOf(sight, now, 5_099)).toEqual(NO_WAIT);
    expect(waitOf(sight, now, 5_100)).toEqual({ type: "ranksWait", alive: [1, 3], areAll: false });
  });

  test("are told of anew once none has waited for a while", () => {
    const sight = sightAfter(sightAfter(NOTHING_SEEN, now, 100), { ranks: [rank(1)], others: 0 }, 200);
    expect(sight.waitSinceMs).toBeNull();
    expect(waitOf(sight, now, 9_000)).toEqual(NO_WAIT);
  });
});

describe("a failure explains one that was reported before", () => {
  const failure = (status: number, ...lines: readonly string[]) => ({ status, lines });
  const MPI = "mpi4py.MPI.Exception: Other MPI error";
  test.each([
    ["by a signal, after an exit", failure(129), failure(1), true],
    ["by a signal, after an exit with 128, which no signal gives", failure(129), failure(128), true],
    ["with 128, after MPI's error", failure(128, "ValueError"), failure(1, MPI), true],
    ["with 128, after another exit", failure(128), failure(1), false],
    ["by a signal, after another signal", failure(139), failure(137), false],
    ["with its own error, after MPI's", failure(1, "ValueError"), failure(1, MPI), true],
    ["with MPI's error, after MPI's", failure(1, MPI), failure(1, MPI), false],
    ["by the SIGTERM that ends the others, after MPI's", failure(143), failure(1, MPI), false],
    ["by that SIGTERM, after an exit", failure(143), failure(1), false],
  ])("%s", (_name, later, before, expected) => {
    expect(isDeeperCause(later, before)).toBe(expected);
  });
});
