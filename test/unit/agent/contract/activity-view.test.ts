import { describe, expect, test } from "@jest/globals";
import { ACTIVITY_SOURCE_NAMES, type ClusterActivity } from "../../../../agent/contract/activity.js";
import {
  type ActivityReply,
  renderTimeLeft,
  viewActivity,
} from "../../../../agent/contract/activity-view.js";
import { CLUSTER_STATUSES, type ClusterStatus } from "../../../../agent/contract/cluster-state.js";

const NOW = new Date("2026-01-01T01:00:00Z");
const AWAKE: readonly ClusterStatus[] = ["FINISHED", "FAILED"];
const job = (state: "active" | "idle" | "unknown") => ({
  ...({ source: "job", state, lastAt: null, detail: "" } as const),
});
const SEEN = {
  ...{ observedAt: "2026-01-01T00:59:59.000Z", idleSince: "2026-01-01T00:50:00.000Z" },
  ...{ parksAt: "2026-01-01T01:10:00.000Z", sources: [job("idle")] },
} as ClusterActivity;

describe("the activity that is shown", () => {
  const view = (change: object = {}, seen: ClusterActivity | undefined = SEEN) =>
    viewActivity({ clusterStatus: "FINISHED", idleTimeoutMinutes: 20, ...change }, NOW, seen);

  test("is what the head has seen, with the time that is left", () => {
    expect(view()).toEqual({
      ...{ clusterStatus: "FINISHED", idleTimeoutMinutes: 20, keepAliveUntil: null, secondsLeft: 600 },
      ...{
        observedAt: SEEN.observedAt,
        idleSince: SEEN.idleSince,
        parksAt: SEEN.parksAt,
        sources: SEEN.sources,
      },
    });
  });

  test.each(CLUSTER_STATUSES)("of a cluster that is %s is known only where it has nodes", (clusterStatus) => {
    const isAwake = AWAKE.includes(clusterStatus);
    const { observedAt, sources } = view({ clusterStatus });
    expect(observedAt).toBe(isAwake ? SEEN.observedAt : null);
    expect(sources.map(({ source }) => source)).toEqual(isAwake ? ["job"] : [...ACTIVITY_SOURCE_NAMES]);
  });

  test.each([
    ["2026-01-01T01:00:00.001Z", null],
    ["2026-01-01T01:00:00.000Z", 600],
  ])("parks at no time while it is kept awake: until %s", (keepAliveUntil, secondsLeft) => {
    expect(view({ keepAliveUntil })).toMatchObject({ keepAliveUntil, secondsLeft });
  });

  test("has no time left where that is over, and a part of a second as a whole one", () => {
    const left = (parksAt: string) => view({}, { ...SEEN, parksAt }).secondsLeft;
    expect([left("2026-01-01T00:59:00.000Z"), left("2026-01-01T01:00:00.100Z")]).toEqual([0, 1]);
  });

  test("says that no head has looked yet, or that there are no nodes", () => {
    const details = (clusterStatus: ClusterStatus) =>
      new Set(
        viewActivity({ clusterStatus, idleTimeoutMinutes: 20 }, NOW, undefined).sources.map(
          ({ detail }) => detail,
        ),
      );
    expect(details("FINISHED")).toEqual(new Set(["no head has looked yet"]));
    expect(details("PARKED")).toEqual(new Set(["the cluster has no nodes, or waits for them"]));
  });
});

describe("the time that is left, in a table", () => {
  const reply: ActivityReply = {
    ...{
      clusterStatus: "FINISHED",
      idleTimeoutMinutes: 20,
      observedAt: null,
      idleSince: null,
      parksAt: null,
    },
    ...{ secondsLeft: null, keepAliveUntil: null, sources: [job("idle")] },
  };

  test.each<[string, Partial<ActivityReply>, string]>([
    ["a time", { secondsLeft: 720 }, "12m"],
    ["none left", { secondsLeft: 0 }, "0s"],
    ["a time of a cluster that has failed", { clusterStatus: "FAILED", secondsLeft: 720 }, "12m"],
    ["nothing of a cluster without nodes", { clusterStatus: "PARKED", secondsLeft: 720 }, ""],
    ["that it never parks", { idleTimeoutMinutes: null }, "never parks"],
    ["what keeps it", { sources: [job("active"), { ...job("active"), source: "ssh" }] }, "active: job, ssh"],
    ["what is not known", { sources: [job("unknown")] }, "unknown: job"],
    [
      "what keeps it, before what is not known",
      { sources: [job("unknown"), { ...job("active"), source: "ssh" }] },
      "active: ssh",
    ],
    ["until when it is kept", { keepAliveUntil: "2026-01-01T03:00:00Z" }, "kept until 2026-01-01T03:00:00Z"],
    ["nothing where nothing is known", {}, ""],
  ])("is %s", (_name, change, expected) => {
    expect(renderTimeLeft({ ...reply, ...change })).toBe(expected);
  });
});
