import { describe, expect, test } from "@jest/globals";
import { Testing } from "cdktf";
import { slotsBetween } from "../../../../agent/contract/job-slots.js";
import { ClusterStack } from "../../../../stacks/cluster-stack.js";
import { parseMusterConfig } from "../../../../stacks/config/load.js";
import { WAKE_LEAD_MINUTES, wakeTime } from "../../../../stacks/constructs/wake-time.js";
import { testApp } from "../../../support/stacks/synth.js";

const NOW = new Date("2026-06-01T00:00:00Z");
const LEAD_MS = WAKE_LEAD_MINUTES * 60_000;

/** The moments that an expression names in 400 days, in UTC. */
const momentsOf = (cron: string, shiftMs = 0): readonly number[] =>
  slotsBetween({ cron }, NOW, new Date(NOW.getTime() + 400 * 86_400_000), 3_000).map(
    (slot) => slot.getTime() + shiftMs,
  );

describe("a parked cluster wakes", () => {
  test.each([
    ["30 2 * * *", "20 2 * * *"],
    ["10 2 * * *", "0 2 * * *"],
    ["0 2 * * *", "50 1 * * *"],
    ["5 2,14 * * 1-5", "55 1,13 * * 1-5"],
    ["0 8-18/2 * * MON", "50 7,9,11,13,15,17 * * MON"],
    ["0 0 * * *", "50 23 * * *"],
    ["0 0,12 * * *", "50 11,23 * * *"],
    ["15,45 6 1 JAN *", "5,35 6 1 JAN *"],
    ["0 * * * *", "50 * * * *"],
    ["10,30 * 1 * *", "0,20 * 1 * *"],
    ["*/15 * * * *", "5,20,35,50 * * * *"],
    ["  0   6  * * *  ", "50 5 * * *"],
  ])("for %j ten minutes before each slot: %s", (cron, recurrence) => {
    expect(wakeTime({ cron, timeZone: "Europe/Berlin" }, NOW)).toEqual({
      recurrence,
      timeZone: "Europe/Berlin",
    });
    const expected = momentsOf(cron, -LEAD_MS).filter((moment) => moment > NOW.getTime());
    expect(momentsOf(recurrence).slice(0, 500)).toEqual(expected.slice(0, 500));
  });

  test.each([
    "* * * * *",
    "* 8 * * *",
    "0,30 8 * * *",
    "0 0 * * 1",
    "0 0 1 * *",
    "0 0,12 * * 1-5",
    "5,30 * 1 * *",
  ])("for %j at the slot's own time, as no one expression is ten minutes before", (cron) => {
    expect(wakeTime({ cron }, NOW)).toEqual({ recurrence: cron, timeZone: "UTC" });
  });

  test("once for one moment, ten minutes before it, in whole seconds", () => {
    expect(wakeTime({ at: "2026-06-01T12:00:00.500Z" }, NOW)).toEqual({ startTime: "2026-06-01T11:50:00Z" });
  });

  test.each(["2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-06-01T00:40:00Z"])(
    "not for %s, which is past, or will be once it is deployed",
    (at) => {
      expect(wakeTime({ at }, NOW)).toBeNull();
    },
  );
});

describe("a cluster's stack", () => {
  const config = parseMusterConfig(
    `org: {name: demo, region: us-east-1}
clusters:
- name: alpha
  nodes: 3
  jobDefinitions: [{name: nightly, command: [-m, report]}, {name: by-hand, command: [-m, other]}]
`,
    "/project/muster.yaml",
    () => Buffer.from(""),
  );

  function schedulesOf(schedule: { readonly at: string } | { readonly cron: string }) {
    const [declared] = config.clusters;
    if (declared === undefined) throw new Error("no cluster");
    const { cluster, jobDefinitions } = declared;
    const scheduled = jobDefinitions.map((definition) =>
      definition.name === "nightly" ? { ...definition, schedule } : definition,
    );
    const { org, state } = config;
    const stack = new ClusterStack(testApp(), "stack", {
      org,
      state,
      cluster,
      jobDefinitions: scheduled,
      now: NOW,
    });
    const { resource } = JSON.parse(Testing.synth(stack)) as { resource: Record<string, object> };
    return Object.values(resource["aws_autoscaling_schedule"] ?? {});
  }

  test("has an Auto Scaling schedule for each definition with one: the fleet's size, its bounds as they are, gone before the fleet", () => {
    expect(schedulesOf({ cron: "0 2 * * *" })).toEqual([
      expect.objectContaining({
        autoscaling_group_name: expect.stringMatching(/^\$\{aws_autoscaling_group\.\w+\.name\}$/),
        scheduled_action_name: "wake-for-nightly",
        ...{ desired_capacity: 3, min_size: -1, max_size: -1 },
        ...{ recurrence: "50 1 * * *", time_zone: "UTC" },
        depends_on: [expect.stringMatching(/^muster_fleet\./)],
      }),
    ]);
    expect(schedulesOf({ at: "2026-12-24T18:00:00Z" })).toMatchObject([
      { start_time: "2026-12-24T17:50:00Z" },
    ]);
  });

  test("has none for a moment that is past: AWS has dropped its own, and would refuse another", () => {
    expect(schedulesOf({ at: "2026-05-31T00:00:00Z" })).toEqual([]);
  });
});
