import { describe, expect, test } from "@jest/globals";
import { validate } from "node-cron";
import type { JobSchedule } from "../../../../agent/contract/job-schedule.js";
import {
  describeSchedule,
  nextSlot,
  scheduleProblems,
  slotsBetween,
  timingOf,
} from "../../../../agent/contract/job-slots.js";

const BERLIN = "Europe/Berlin";
const LISBON = "Europe/Lisbon";
const NEW_YORK = "America/New_York";

/** The slots after `from`, up to `upTo`, as hours and minutes in UTC. */
function slots(cron: string, timeZone: string, from: string, upTo: string): readonly string[] {
  const found = slotsBetween({ cron, timeZone }, new Date(from), new Date(upTo), 10_000);
  return found.map((slot) => slot.toISOString().slice(11, 16));
}

describe("where the clock is set forward", () => {
  const NIGHT: Readonly<Record<string, readonly [string, string]>> = {
    [BERLIN]: ["2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"],
    [LISBON]: ["2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"],
    [NEW_YORK]: ["2026-03-08T04:00:00Z", "2026-03-08T10:00:00Z"],
  };
  test.each<[cron: string, zone: string, slots: readonly string[]]>([
    ["30 2 * * *", BERLIN, ["01:00"]],
    ["30 2 * * *", NEW_YORK, ["07:00"]],
    ["30 1 * * *", LISBON, ["01:00"]],
    ["0 3 * * *", BERLIN, ["01:00"]],
    ["0 2,3 * * *", BERLIN, ["01:00"]],
    ["30 1-3 * * *", BERLIN, ["00:30", "01:00", "01:30"]],
    ["0 * * * *", BERLIN, ["23:00", "00:00", "01:00", "02:00", "03:00", "04:00"]],
    ["*/30 2 * * *", BERLIN, []],
  ])("%s in %s has the slots %j", (cron, zone, expected) => {
    const [from = "", upTo = ""] = NIGHT[zone] ?? [];
    expect(slots(cron, zone, from, upTo)).toEqual(expected);
  });

  test.each(Object.keys(NIGHT))("a minutely schedule in %s has each minute once", (zone) => {
    const [from = "", upTo = ""] = NIGHT[zone] ?? [];
    const found = slots("* * * * *", zone, from, upTo);
    expect(found).toHaveLength(360);
    expect(new Set(found).size).toBe(360);
  });

  // kelektiv/node-cron#919: a slot in the gap hung the process.
  test("a slot in the gap of one day a year is one moment, found at once", () => {
    const schedule = { cron: "0 1 30 3 *", timeZone: LISBON };
    const first = nextSlot(schedule, new Date("2025-01-01T00:00:00Z"));
    expect(first).toEqual(new Date("2025-03-30T01:00:00Z"));
    expect(nextSlot(schedule, first ?? new Date())).toEqual(new Date("2026-03-30T00:00:00Z"));
  });
});

// systemd/systemd#8647: a minutely timer was silent in the repeated hour.
describe("where the clock is set back", () => {
  const NIGHT: Readonly<Record<string, readonly [string, string]>> = {
    [BERLIN]: ["2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z"],
    [LISBON]: ["2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z"],
    [NEW_YORK]: ["2026-11-01T03:00:00Z", "2026-11-01T08:00:00Z"],
  };
  test.each<[cron: string, zone: string, slots: readonly string[]]>([
    ["30 2 * * *", BERLIN, ["00:30"]],
    ["30 1 * * *", NEW_YORK, ["05:30"]],
    ["30 1 * * *", LISBON, ["00:30"]],
    ["30 2,14 * * *", BERLIN, ["00:30"]],
    ["0,30 2 * * *", BERLIN, ["00:00", "00:30"]],
    ["*/30 1-2 * * *", BERLIN, ["23:00", "23:30", "00:00", "00:30", "01:00", "01:30"]],
    ["0 * * * *", BERLIN, ["23:00", "00:00", "01:00", "02:00", "03:00"]],
    [
      "*/30 * * * *",
      NEW_YORK,
      ["03:30", "04:00", "04:30", "05:00", "05:30", "06:00", "06:30", "07:00", "07:30", "08:00"],
    ],
  ])("%s in %s has the slots %j", (cron, zone, expected) => {
    const [from = "", upTo = ""] = NIGHT[zone] ?? [];
    expect(slots(cron, zone, from, upTo)).toEqual(expected);
  });

  test.each(Object.keys(NIGHT))("a minutely schedule in %s has the minutes of both hours", (zone) => {
    const [from = "", upTo = ""] = NIGHT[zone] ?? [];
    expect(slots("* * * * *", zone, from, upTo)).toHaveLength(300);
  });

  test.each([BERLIN, LISBON, NEW_YORK])(
    "a daily slot in %s comes once, also after a restart between",
    (zone) => {
      const [from = "", upTo = ""] = NIGHT[zone] ?? [];
      const [slot] = slotsBetween({ cron: "30 1 * * *", timeZone: zone }, new Date(from), new Date(upTo), 9);
      expect(slot).toBeDefined();
      for (const minutes of [0, 1, 30, 59, 60, 61, 90])
        expect(
          slots("30 1 * * *", zone, new Date((slot?.getTime() ?? 0) + minutes * 60_000).toISOString(), upTo),
        ).toEqual([]);
    },
  );
});

describe("slots", () => {
  test("begin after the one moment, include the other, and are no more than asked for", () => {
    const [after, upTo] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T00:05:00Z")];
    const schedule = { cron: "* * * * *" };
    expect(slotsBetween(schedule, after, upTo, 100)).toHaveLength(5);
    expect(slotsBetween(schedule, after, upTo, 2).at(-1)).toEqual(new Date("2026-01-01T00:02:00Z"));
    expect(slotsBetween(schedule, upTo, upTo, 100)).toEqual([]);
    expect(slotsBetween(schedule, upTo, after, 100)).toEqual([]);
  });

  test("of an hour's restart cut in two are the same as in one", () => {
    const [after, middle, upTo] = ["2026-10-24T23:00:00Z", "2026-10-25T00:31:00Z", "2026-10-25T04:00:00Z"];
    for (const cron of ["*/7 * * * *", "30 1-3 * * *", "0 2 * * *"])
      expect([...slots(cron, BERLIN, after, middle), ...slots(cron, BERLIN, middle, upTo)]).toEqual(
        slots(cron, BERLIN, after, upTo),
      );
  });

  test("at a moment is one, and none before or after it", () => {
    const schedule = { at: "2026-12-24T18:00:00Z" };
    const at = new Date(schedule.at);
    const before = new Date("2026-01-01T00:00:00Z");
    expect(slotsBetween(schedule, before, new Date("2027-01-01T00:00:00Z"), 9)).toEqual([at]);
    expect(slotsBetween(schedule, before, at, 9)).toEqual([at]);
    expect(nextSlot(schedule, before)).toEqual(at);
    expect(nextSlot(schedule, at)).toBeNull();
  });

  test("of a leap day are years apart", () => {
    expect(nextSlot({ cron: "0 0 29 2 *" }, new Date("2026-03-01T00:00:00Z"))).toEqual(
      new Date("2028-02-29T00:00:00Z"),
    );
  });

  test("have the same timing in the same zone, whatever else a schedule says", () => {
    expect(timingOf({ cron: "0 0 * * *", ifRunning: "queue" })).toEqual(
      timingOf({ cron: "0 0 * * *", timeZone: "UTC", startingDeadlineSeconds: 5 }),
    );
    expect(timingOf({ cron: "0 0 * * *", timeZone: BERLIN })).not.toEqual(timingOf({ cron: "0 0 * * *" }));
    expect(timingOf({ at: "2026-12-24T18:00:00Z" })).toEqual({ at: "2026-12-24T18:00:00Z" });
  });

  test("are described for people", () => {
    expect(describeSchedule({ cron: "30 2 * * *", timeZone: BERLIN })).toBe("30 2 * * * (Europe/Berlin)");
    expect(describeSchedule({ cron: "0 0 * * *" })).toBe("0 0 * * * (UTC)");
    expect(describeSchedule({ at: "2026-12-24T18:00:00Z" })).toBe("once, at 2026-12-24T18:00:00Z");
  });
});

describe("a schedule", () => {
  const problems = (schedule: JobSchedule) => [...scheduleProblems(schedule)];

  test.each([
    "* * * * *",
    "*/15 8-18 * * 1-5",
    "0 0 1,15 JAN-JUN MON",
    "0 0 * * 7",
    "59 23 31 12 *",
    "0 0 29 2 *",
    "10-20/5 * * * *",
    "  0  3  *  *  sun ",
  ])("may have the expression %j, which node-cron takes too", (cron) => {
    expect(problems({ cron })).toEqual([]);
    expect(validate(cron)).toBe(true);
  });

  test.each<[string, RegExp]>([
    ["* * * * * *", /^cron: got "\* \* \* \* \* \*"; it has 6 of 5 fields/],
    ["@daily", /it has 1 of 5 fields/],
    ["", /it has 1 of 5 fields/],
    ["0 0 31 2 *", /no day is like that, so it would never run/],
    ["0 0 31 4,6 *", /never run/],
    ["5-1 * * * *", /it can't be read: .*larger/],
    ["60 * * * *", /it can't be read: .*60/],
    ["0 24 * * *", /it can't be read/],
    ["*/0 * * * *", /it can't be read/],
    ["*/61 * * * *", /it can't be read/],
    ["0/5 * * * *", /it can't be read/],
    ["1,,2 * * * *", /it can't be read/],
    ["0 0 L * *", /"L" is not made of numbers, names/],
    ["0 0 15W * *", /"15W" is not made of/],
    ["0 0 * * MON#2", /"MON#2" is not made of/],
    ["0 0 ? * *", /"\?" is not made of/],
    ["0 0 * MONDAY *", /"MONDAY" is not made of/],
    ["0 0 +1 * *", /"\+1" is not made of/],
  ])("must not have the expression %j", (cron, problem) => {
    expect(problems({ cron })).toEqual([expect.stringMatching(problem)]);
  });

  test.each<[string, JobSchedule, readonly RegExp[]]>([
    ["neither at nor cron", {}, [/^cron: a schedule has exactly one of at and cron$/]],
    ["both", { at: "2026-01-01T00:00:00Z", cron: "* * * * *" }, [/^at: a schedule has exactly one/]],
    ["a day without a time", { at: "2026-01-01" }, [/^at: got "2026-01-01"; it must be a moment in UTC/]],
    ["a day that is not", { at: "2026-02-30T00:00:00Z" }, [/^at: got/]],
    ["an hour that is not", { at: "2026-02-03T25:00:00Z" }, [/^at: got/]],
    ["a moment with an offset", { at: "2026-02-03T00:00:00+01:00" }, [/^at: got/]],
    [
      "a zone beside at",
      { at: "2026-02-03T00:00:00Z", timeZone: "UTC" },
      [/^timeZone: has no meaning with at/],
    ],
    [
      "an unknown zone",
      { cron: "* * * * *", timeZone: "Europe/Atlantis" },
      [/^timeZone: got "Europe\/Atlantis"; it must be an IANA/],
    ],
    ["an offset as zone", { cron: "* * * * *", timeZone: "+02:00" }, [/^timeZone: got/]],
    ["a zone in small letters", { cron: "* * * * *", timeZone: "europe/berlin" }, [/write Europe\/Berlin$/]],
    [
      "an unknown policy",
      { cron: "* * * * *", ifRunning: "never" } as unknown as JobSchedule,
      [/^ifRunning: got "never"; expected skip, queue, replace$/],
    ],
    ["several problems", { cron: "a", timeZone: "Nowhere" }, [/^timeZone/, /^cron/]],
  ])("with %s is refused", (_name, schedule, expected) => {
    expect(problems(schedule)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test.each(["UTC", "Etc/GMT+9", "Asia/Kolkata", "Asia/Calcutta", NEW_YORK])(
    "may be in the zone %s",
    (timeZone) => {
      expect(problems({ cron: "0 0 * * *", timeZone })).toEqual([]);
    },
  );

  test.each(["2026-12-24T18:00:00Z", "2026-12-24T18:00Z", "2026-12-24T18:00:00.000Z"])(
    "may be at %s",
    (at) => {
      expect(problems({ at })).toEqual([]);
    },
  );
});
