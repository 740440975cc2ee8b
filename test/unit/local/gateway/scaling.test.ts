import { describe, expect, test } from "@jest/globals";
import { createActivities } from "../../../../scripts/local/gateway/supplements/activities.js";
import { withDesired } from "../../../../scripts/local/gateway/supplements/scaling.js";

const at = new Date("2026-11-23T20:00:00Z");

describe("a group's history", () => {
  test("shows launches and terminations once, newest first", () => {
    const activities = createActivities();
    activities.observe("k", "fleet", ["i-1", "i-2"], at);
    activities.observe("k", "fleet", ["i-2", "i-3"], at);
    activities.observe("k", "fleet", ["i-2", "i-3"], at);
    expect(activities.list("k").map(({ description }) => description)).toEqual([
      "Terminating EC2 instance: i-1",
      "Launching a new EC2 instance: i-3",
      "Launching a new EC2 instance: i-2",
      "Launching a new EC2 instance: i-1",
    ]);
  });

  test("keeps a failure's message, and is forgotten with its group", () => {
    const activities = createActivities();
    activities.recordFailure("k", "fleet", "no capacity", at);
    expect(activities.list("k")).toMatchObject([
      { status: "Failed", message: "no capacity", group: "fleet" },
    ]);
    activities.forget("k");
    expect(activities.list("k")).toEqual([]);
  });
});

test("only the groups that are short get another desired capacity", () => {
  const group = (name: string, desired: number): string =>
    `<member><AutoScalingGroupName>${name}</AutoScalingGroupName><DesiredCapacity>${desired}</DesiredCapacity></member>`;
  const xml = group("a", 1) + group("b", 2) + group("c", 3);
  expect(withDesired(xml, (name) => (name === "b" ? 8 : undefined))).toBe(
    group("a", 1) + group("b", 8) + group("c", 3),
  );
});
