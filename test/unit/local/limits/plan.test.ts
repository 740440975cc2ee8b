import { describe, expect, test } from "@jest/globals";
import {
  LIMIT_KEYS,
  type LimitRecord,
  type LimitValues,
  NOTHING_RAISED,
  neededLimits,
  planLimits,
  renderUnmet,
} from "../../../../scripts/local/limits/plan.js";

const INOTIFY = "fs.inotify.max_user_instances";
const NEIGHBOURS = "net.ipv4.neigh.default.gc_thresh3";
/** What Linux comes with. */
const DEFAULTS: LimitValues = { [INOTIFY]: 128, [NEIGHBOURS]: 1024 };
const withWrites = (current: LimitValues, writes: LimitValues): LimitValues => ({ ...current, ...writes });

describe("the limits that nodes need", () => {
  test("four nodes need no more than Linux comes with, 64 need more of each", () => {
    const limits = (nodes: number) =>
      LIMIT_KEYS.map((key) => [neededLimits(nodes)[key] ?? 0, DEFAULTS[key] ?? 0]);
    for (const [needed = 0, value = 0] of limits(4)) expect(needed).toBeLessThanOrEqual(value);
    for (const [needed = 0, value = 0] of limits(64)) expect(needed).toBeGreaterThan(value);
  });

  test("systemd's five in each of 64 nodes and each node's 63 neighbours fit", () => {
    expect(neededLimits(64)[INOTIFY]).toBeGreaterThanOrEqual(5 * 64);
    expect(neededLimits(64)[NEIGHBOURS]).toBeGreaterThanOrEqual(64 * 64);
  });
});

describe("what is written", () => {
  test("the first cloud raises, and its end restores", () => {
    const up = planLimits(NOTHING_RAISED, { "/a": 64 }, DEFAULTS);
    expect(up.writes).toEqual({ [INOTIFY]: 448, [NEIGHBOURS]: 5248 });
    expect(up.record.raised[INOTIFY]).toEqual({ before: 128, set: 448 });
    const down = planLimits(up.record, {}, withWrites(DEFAULTS, up.writes));
    expect(down).toEqual({ writes: DEFAULTS, record: NOTHING_RAISED });
  });

  test("two clouds need what both have together; the last one's end restores", () => {
    const first = planLimits(NOTHING_RAISED, { "/a": 40 }, DEFAULTS);
    const raised = withWrites(DEFAULTS, first.writes);
    const both = planLimits(first.record, { "/a": 40, "/b": 24 }, raised);
    expect(both.writes).toEqual({ [INOTIFY]: 448, [NEIGHBOURS]: 5248 });
    const left = planLimits(both.record, { "/b": 24 }, withWrites(raised, both.writes));
    expect(left.writes).toEqual({ [INOTIFY]: 248, [NEIGHBOURS]: 1648 });
    const none = planLimits(left.record, {}, withWrites(withWrites(raised, both.writes), left.writes));
    expect(withWrites(withWrites(withWrites(raised, both.writes), left.writes), none.writes)).toEqual(
      DEFAULTS,
    );
    expect(none.record).toEqual(NOTHING_RAISED);
  });

  test.each<[string, LimitRecord, LimitRecord["claims"], LimitValues, LimitValues]>([
    [
      "nodes come on top of what the machine has for itself, be it much",
      NOTHING_RAISED,
      { "/a": 64 },
      { [INOTIFY]: 8192, [NEIGHBOURS]: 65536 },
      { [INOTIFY]: 8512, [NEIGHBOURS]: 69760 },
    ],
    [
      "what the machine does not show is left alone",
      NOTHING_RAISED,
      { "/a": 4 },
      { [INOTIFY]: 128 },
      { [INOTIFY]: 148 },
    ],
    [
      "what stands already is not written again",
      planLimits(NOTHING_RAISED, { "/a": 64 }, DEFAULTS).record,
      { "/a": 64 },
      { [INOTIFY]: 448, [NEIGHBOURS]: 5248 },
      {},
    ],
    [
      "a value that was changed meanwhile stays at the end",
      planLimits(NOTHING_RAISED, { "/a": 64 }, DEFAULTS).record,
      {},
      { [INOTIFY]: 9999, [NEIGHBOURS]: 5248 },
      { [NEIGHBOURS]: 1024 },
    ],
    [
      "what was recorded but never set is set",
      planLimits(NOTHING_RAISED, { "/a": 64 }, DEFAULTS).record,
      { "/a": 64 },
      DEFAULTS,
      { [INOTIFY]: 448, [NEIGHBOURS]: 5248 },
    ],
    [
      "what was recorded but never set needs no restoring",
      planLimits(NOTHING_RAISED, { "/a": 64 }, DEFAULTS).record,
      {},
      DEFAULTS,
      {},
    ],
  ])("%s", (_name, record, claims, current, writes) => {
    expect(planLimits(record, claims, current).writes).toEqual(writes);
  });
});

test("a refusal names each limit, its value and the one command", () => {
  const unmet = [
    { key: INOTIFY, value: 128, needed: 448, problem: "EROFS: read-only file system" },
    { key: NEIGHBOURS, value: 1024, needed: 5248, problem: "EROFS: read-only file system" },
  ] as const;
  expect(renderUnmet(64, unmet)).toBe(
    "This machine's limits are too low for 64 local nodes, and can't be raised from here: " +
      `${INOTIFY} is 128, but must be 448 (EROFS: read-only file system); ` +
      `${NEIGHBOURS} is 1024, but must be 5248 (EROFS: read-only file system). ` +
      `Run as root on the machine: sysctl -w ${INOTIFY}=448 ${NEIGHBOURS}=5248`,
  );
});
