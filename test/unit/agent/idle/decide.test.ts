import { describe, expect, test } from "@jest/globals";
import type { ActivitySource, ClusterActivity, SourceActivity } from "../../../../agent/contract/activity.js";
import { activityOf, decideIdle, type IdleFacts, isWorthWriting } from "../../../../agent/idle/decide.js";

const READY = "2026-01-01T00:00:00.000Z";
const HOUR = 60;
/** Minutes after the cluster was ready. */
const at = (minutes: number): Date => new Date(Date.parse(READY) + minutes * 60_000);
const source = (
  name: ActivitySource,
  state: SourceActivity["state"],
  lastMinutes?: number,
): SourceActivity => ({
  ...{ source: name, state, detail: null },
  lastAt: lastMinutes === undefined ? null : at(lastMinutes).toISOString(),
});
const facts = (
  minutes: number,
  sources: readonly SourceActivity[],
  change: Partial<IdleFacts> = {},
): IdleFacts => ({
  cluster: { clusterStatus: "FINISHED", statusChangedAt: READY, idleTimeoutMinutes: HOUR },
  ...{ sources, isDedicatedJobOver: null, quietMs: 60_000, now: at(minutes) },
  ...change,
});
const never = { clusterStatus: "FINISHED", statusChangedAt: READY, idleTimeoutMinutes: null } as const;

describe("when a cluster parks", () => {
  const parks = (given: IdleFacts) => decideIdle(given).is === "park";

  test.each<[string, boolean, IdleFacts]>([
    [
      "nothing was ever active, for as long as the timeout: it is armed without a first job",
      true,
      facts(60, []),
    ],
    ["... and a moment before", false, facts(59.9, [])],
    [
      "the first job gets its chance: nodes that took two hours to come are no idle time",
      false,
      facts(125, [], {
        cluster: { ...never, statusChangedAt: at(120).toISOString(), idleTimeoutMinutes: HOUR },
      }),
    ],
    ["nodes are not ended while a job runs", false, facts(6_000, [source("job", "active", 6_000)])],
    ["one that runs for 18 hours and is silent", false, facts(1_080, [source("job", "active", 0)])],
    ["set-up, fetch and staging are a job's", false, facts(600, [source("job", "active", 0)])],
    ["a job that waits counts", false, facts(600, [source("queue", "active", 0)])],
    ["a slot that is due soon counts", false, facts(600, [source("schedule", "active")])],
    ["a person who is logged in counts", false, facts(600, [source("ssh", "active", 0)])],
    ["a notebook counts", false, facts(600, [source("notebook", "active", 0)])],
    ["a keep-alive counts", false, facts(600, [source("keep-alive", "active", 0)])],
    ["an hour after the last job", true, facts(660, [source("job", "idle", 600)])],
    ["half an hour after it", false, facts(630, [source("job", "idle", 600)])],
    [
      "the latest of all sources counts",
      false,
      facts(660, [source("job", "idle", 0), source("ssh", "idle", 601)]),
    ],
    [
      "what is unknown keeps it: a head whose loops are blocked",
      false,
      facts(600, [source("job", "unknown", 0)]),
    ],
    ["... a node that is silent", false, facts(600, [source("ssh", "unknown"), source("job", "idle", 0)])],
    [
      "... and does not begin the time anew: after it the hour is over",
      true,
      facts(600, [source("ssh", "idle", 0)]),
    ],
    ["one look is not believed, as after a jump of the wall clock", false, facts(600, [], { quietMs: 0 })],
    ["a loop that stalled for days fires at its next looks", true, facts(20_000, [source("job", "idle", 1)])],
    [
      "one whose creation FAILED",
      true,
      facts(60, [], { cluster: { ...never, clusterStatus: "FAILED", idleTimeoutMinutes: HOUR } }),
    ],
    ["without a timeout it never does", false, facts(600_000, [], { cluster: never })],
    [
      "a moment from a clock that is ahead is not later than now",
      false,
      facts(600, [source("job", "idle", 700)]),
    ],
  ])("%s", (_name, expected, given) => {
    expect(parks(given)).toBe(expected);
  });

  test("a timeout of a minute needs no more than half of it of quiet", () => {
    const cluster = { ...never, idleTimeoutMinutes: 1 };
    expect(parks(facts(1, [], { cluster, quietMs: 14_999 }))).toBe(false);
    expect(parks(facts(1, [], { cluster, quietMs: 15_000 }))).toBe(true);
  });

  describe("made for one job", () => {
    test.each<[string, boolean, Partial<IdleFacts>, SourceActivity[]]>([
      [
        "whose job is over parks at once, without any timeout",
        true,
        { isDedicatedJobOver: true, cluster: never },
        [],
      ],
      ["whose job goes on stays, timeout or not", false, { isDedicatedJobOver: false }, []],
      ["that has another job stays", false, { isDedicatedJobOver: true }, [source("queue", "active")]],
      ["that is not seen whole stays", false, { isDedicatedJobOver: true }, [source("ssh", "unknown")]],
      ["is looked at twice", false, { isDedicatedJobOver: true, cluster: never, quietMs: 0 }, []],
    ])("one %s", (_name, expected, change, sources) => {
      expect(parks(facts(600, sources, change))).toBe(expected);
    });

    test("says so", () => {
      expect(decideIdle(facts(1, [], { isDedicatedJobOver: true }))).toMatchObject({
        why: { reasonCode: "parked-job-ended" },
      });
    });
  });

  test("says for how long nothing was active", () => {
    expect(decideIdle(facts(60, []))).toMatchObject({
      why: { reasonCode: "parked-idle", reason: "nothing was active for 1h" },
    });
  });
});

describe("the time left", () => {
  test.each<[string, IdleFacts, string | null, boolean]>([
    ["counts from the last activity", facts(30, [source("job", "idle", 20)]), at(80).toISOString(), false],
    [
      "is near its end five minutes before",
      facts(75, [source("job", "idle", 20)]),
      at(80).toISOString(),
      true,
    ],
    ["is none while something is active", facts(30, [source("job", "active", 30)]), null, false],
    ["is none while something is unknown", facts(30, [source("ssh", "unknown")]), null, false],
    ["is none without a timeout", facts(30, [], { cluster: never }), null, false],
    [
      "of a short timeout is near its end halfway through",
      facts(1, [], { cluster: { ...never, idleTimeoutMinutes: 2 } }),
      at(2).toISOString(),
      true,
    ],
  ])("%s", (_name, given, parksAt, isNearEnd) => {
    const decision = decideIdle(given);
    if (decision.is !== "stay") throw new Error("it parks");
    expect([decision.parksAt?.toISOString() ?? null, decision.isNearEnd]).toEqual([parksAt, isNearEnd]);
  });
});

describe("what is written", () => {
  const seen = (seconds: number, state: SourceActivity["state"] = "active"): ClusterActivity => {
    const given = facts(seconds / 60, [source("job", state, seconds / 60)]);
    const decision = decideIdle(given);
    if (decision.is !== "stay") throw new Error("it parks");
    return activityOf(decision, given, undefined);
  };

  test.each<[string, boolean, ClusterActivity | undefined, ClusterActivity]>([
    ["the first look", true, undefined, seen(0)],
    [
      "nothing while nothing moves",
      false,
      seen(0, "idle"),
      { ...seen(0, "idle"), observedAt: at(59).toISOString() },
    ],
    ["no moment twice within a minute", false, seen(0), seen(59)],
    ["a moment once a minute", true, seen(0), seen(60)],
    ["the end of an activity", true, seen(0), seen(10, "idle")],
    ["a source that begins and ends all the time, not each time", false, seen(0), seen(9, "idle")],
    ["a warning", true, seen(0, "idle"), { ...seen(20, "idle"), warnedFor: READY }],
    ["what another clock wrote in the future", true, seen(600), seen(0)],
  ])("%s: %s", (_name, expected, written, now) => {
    expect(isWorthWriting(written, now)).toBe(expected);
  });
});
