import { describe, expect, test } from "@jest/globals";
import {
  countIdle,
  type IdleCount,
  type NotebookSeen,
  sightNotebook,
} from "../../../../agent/notebook/activity.js";

const START = Date.parse("2026-01-01T00:00:00Z");
const TIMEOUT_MINUTES = 60;
const at = (minutes: number) => new Date(START + minutes * 60_000);
const kernel = (state: string, minutes = 0) => ({ id: "k", state, lastActivity: at(minutes) });
const terminal = (minutes = 0) => ({ id: "1", lastActivity: at(minutes) });
const NOTHING: NotebookSeen = {
  ...{ sessions: { kernels: [], terminals: [] }, busyTerminals: 0, mpiKernels: 0, logins: 0 },
};

/** Looks each quarter of a minute, and gives the minute when the time was over; null: never in `minutes`. */
function minuteOfEnd(
  seenAt: (minute: number) => NotebookSeen,
  { minutes = 300, timeout = TIMEOUT_MINUTES as number | null } = {},
): number | null {
  let count: IdleCount = { idleSince: at(0), quietSinceMs: null };
  for (let minute = 0; minute <= minutes; minute += 0.25) {
    const now = at(minute);
    const sighting = sightNotebook(seenAt(minute));
    const idle = countIdle(count, { sighting, idleTimeoutMinutes: timeout, now, nowMs: minute * 60_000 });
    if (idle.isOver) return minute;
    count = idle;
  }
  return null;
}

const open = (kernels: ReturnType<typeof kernel>[], terminals: ReturnType<typeof terminal>[] = []) => ({
  ...NOTHING,
  sessions: { kernels, terminals },
});

describe("a notebook's node without work is given back", () => {
  test.each<[string, (minute: number) => NotebookSeen, number]>([
    ["that nothing was ever opened on", () => NOTHING, 60],
    ["whose page is minimised, or closed: an open kernel does nothing", () => open([kernel("idle")]), 60],
    ["an hour after its last cell", (minute) => open([kernel("idle", Math.min(minute, 30))]), 90],
    ["with a kernel that is dead", () => open([kernel("dead")]), 60],
    ["with an idle shell", () => open([], [terminal()]), 60],
    ["an hour after the last key in a terminal", (minute) => open([], [terminal(Math.min(minute, 5))]), 65],
    [
      "an hour after a silent cell of three hours",
      (minute) => open([kernel(minute < 180 ? "busy" : "idle", minute < 180 ? 0 : 180)]),
      240,
    ],
    [
      "an hour after an MPI kernel was let go",
      (minute) => ({ ...NOTHING, mpiKernels: minute < 30 ? 1 : 0 }),
      89.75,
    ],
    ["an hour after a person has left", (minute) => ({ ...NOTHING, logins: minute < 30 ? 1 : 0 }), 89.75],
  ])("%s", (_case, seenAt, expected) => expect(minuteOfEnd(seenAt)).toBe(expected));

  test("and not where it never is", () => {
    expect(minuteOfEnd(() => NOTHING, { timeout: null })).toBeNull();
  });

  test("and not by one look alone, as after a wall clock that jumps at the agent's start", () => {
    const look = { sighting: sightNotebook(NOTHING), idleTimeoutMinutes: 60, now: at(600), nowMs: 0 };
    const idle = countIdle({ idleSince: at(0), quietSinceMs: null }, look);
    expect(idle).toMatchObject({ isOver: false, parksAt: at(60) });
    expect(countIdle(idle, { ...look, nowMs: 15_000 }).isOver).toBe(true);
  });
});

describe("a notebook's node is held", () => {
  test.each<[string, NotebookSeen]>([
    ["by a cell that runs silently for three idle times", open([kernel("busy")])],
    ["by a kernel that starts", open([kernel("starting")])],
    ["by one busy kernel among idle ones", open([kernel("idle"), kernel("busy")])],
    [
      "by a program in a terminal, silent or in the background",
      { ...open([], [terminal()]), busyTerminals: 1 },
    ],
    ["by an MPI kernel that holds the cluster", { ...NOTHING, mpiKernels: 1 }],
    ["by a person who is logged in", { ...NOTHING, logins: 1 }],
    ["while JupyterLab does not answer", { ...NOTHING, sessions: null }],
    ["while its processes can't be looked at", { ...NOTHING, busyTerminals: null }],
    ["while logins can't be counted", { ...NOTHING, logins: null }],
  ])("%s", (_case, seen) => expect(minuteOfEnd(() => seen, { minutes: 180 })).toBeNull());
});

test("a look that failed changes nothing: the time neither begins anew nor ends", () => {
  const isDown = (minute: number) => minute >= 20 && minute < 25;
  const seenAt = (minute: number): NotebookSeen => ({
    ...NOTHING,
    sessions: isDown(minute) ? null : NOTHING.sessions,
  });
  expect(minuteOfEnd(seenAt)).toBe(60);
  const downAtTheEnd = (minute: number): NotebookSeen => ({
    ...NOTHING,
    sessions: minute >= 55 && minute < 70 ? null : NOTHING.sessions,
  });
  expect(minuteOfEnd(downAtTheEnd)).toBe(70.25);
});

test("an activity of the future, by another's clock, is now", () => {
  const sighting = sightNotebook(open([kernel("idle", 1_000)]));
  const idle = countIdle(
    { idleSince: at(0), quietSinceMs: 0 },
    { sighting, idleTimeoutMinutes: 60, now: at(5), nowMs: 0 },
  );
  expect(idle.idleSince).toEqual(at(5));
});
