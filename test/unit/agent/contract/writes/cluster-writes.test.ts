import { describe, expect, test } from "@jest/globals";
import { isLeaving } from "../../../../../agent/contract/park.js";
import { PLAN_GROUPS } from "../../../../../agent/contract/rights/pipeline-policy.js";
import { byMonth } from "../../../../../agent/contract/usage.js";
import { clusterWrites } from "../../../../../agent/contract/writes/cluster.js";
import { jobWrites } from "../../../../../agent/contract/writes/job.js";
import { shrinksFrom } from "../../../../../agent/contract/writes/resize.js";
import { clusterItem } from "../../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../../support/agent/jobs.js";

const NOW = new Date("2026-01-01T00:00:00.000Z");

describe("a group that is to have another size", () => {
  test.each([
    [2, 3, { shrinksFrom: 3 }],
    [3, 3, {}],
    [4, 3, {}],
  ])("of %i where it has %i", (nodes, from, expected) => {
    expect(shrinksFrom(nodes, from)).toEqual(expected);
    const seen = clusterItem({ clusterStatus: "FINISHED", desiredNodes: from });
    const { remove } = clusterWrites.resizeOnRequest(seen, { nodes, from, by: "me" }, NOW);
    expect(remove).toEqual("shrinksFrom" in expected ? ["resume"] : ["resume", "shrinksFrom"]);
  });
});

test.each([
  ["that says how far it is", { phase: "running" as const }, false],
  ["that is tried again", { status: "INPROGRESS" as const }, false],
  ["that has ended", { status: "FINISHED" as const }, true],
  ["that was cancelled", { status: "CANCELLED" as const }, true],
])("a job %s leaves the queue: %s", (_name, change, leaves) => {
  const { remove = [] } = jobWrites.advance(queuedJob(), 3, change);
  expect(remove.length > 0).toBe(leaves);
});

describe("a node that a park gave up", () => {
  const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
  const park = { releasedAt: NOW.toISOString() } as Parameters<typeof isLeaving>[0];
  test.each([
    ["booted before", -1, 14.9, true],
    ["booted in that moment", 0, 1, false],
    ["booted after", 1, 2, false],
    ["booted before, a quarter of an hour later", -1, 15, false],
  ])("%s is on its way out", (_name, bootedAt, now, expected) => {
    expect(isLeaving(park, at(bootedAt).toISOString(), at(now))).toBe(expected);
  });

  test("is none that has no boot time, nor any without a park", () => {
    expect([isLeaving(park, undefined, NOW), isLeaving(undefined, NOW.toISOString(), NOW)]).toEqual([
      false,
      false,
    ]);
  });
});

describe("a time by months", () => {
  test.each<[string, string, number]>([
    ["2026-01-31T23:00:00.000Z", "2026-01-31T23:00:00.000Z", 0],
    ["2026-01-31T23:00:00.000Z", "2026-01-31T22:00:00.000Z", 0],
    ["2026-01-31T23:00:00.000Z", "2026-02-01T00:00:00.000Z", 1],
    ["2026-01-31T23:00:00.000Z", "2026-02-01T00:00:00.001Z", 2],
  ])("from %s to %s has %i parts", (from, to, count) => {
    const parts = byMonth(from, to);
    expect(parts).toHaveLength(count);
    if (count > 0) expect([parts[0]?.from, parts.at(-1)?.to]).toEqual([from, to]);
  });
});

test("the role that plans only looks, reads no secret, and has no empty group", () => {
  const actions = PLAN_GROUPS.flatMap((group) => group.actions);
  expect(actions).toContain("kms:Decrypt");
  expect(actions).toContain("ec2:DescribeInstances");
  for (const hidden of ["s3:GetObject", "ssm:GetParameter", "ssm:GetParametersByPath"])
    expect(actions).not.toContain(hidden);
  expect(actions.filter((action) => /:(Create|Delete|Put|Run|Terminate)/.test(action))).toEqual([]);
  expect(PLAN_GROUPS.filter((group) => group.actions.length === 0)).toEqual([]);
});
