import { describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { clusterSource } from "../../../../provider/data/cluster/source.js";
import { latestJobs } from "../../../../provider/data/jobs/choose.js";
import { clusterNamed } from "../../../../provider/resources/cluster/name.js";
import { newClusterItem } from "../../../../provider/resources/cluster/state.js";

const at = new Date("2026-01-01T00:00:00Z");
const cluster = (name: string, uuid: string, change: Partial<ClusterItem> = {}): ClusterItem => ({
  ...newClusterItem({
    name,
    uuid,
    org: "acme",
    idleTimeoutMinutes: null,
    countSshSessions: true,
    resumeOnJob: true,
    budget: null,
    shareWithNotebooks: false,
    tags: {},
    at,
  }),
  ...change,
});

describe("clusterNamed", () => {
  const all = [
    cluster("a", "1"),
    cluster("b", "2", { clusterStatus: "REMOVING" }),
    cluster("b", "3"),
    cluster("c", "4", { clusterStatus: "REMOVING" }),
    cluster("d", "5"),
    cluster("d", "6", { clusterStatus: "FAILED" }),
  ];

  test.each([
    ["the only one", "a", "1"],
    ["the one that stays", "b", "3"],
    ["one that is being removed, where there is no other", "c", "4"],
  ])("%s", (_name, name, uuid) => {
    expect(clusterNamed(all, name).uuid).toBe(uuid);
  });

  test.each([
    ["none", all, "x", 'There is no cluster named "x": The org\'s clusters here: a, b, c, d.'],
    ["none of none", [], "x", 'There is no cluster named "x": The org\'s clusters here: none.'],
    ["two", all, "d", '2 clusters are named "d": Give uuid instead: 5 NEW, 6 FAILED.'],
    [
      "none of many",
      Array.from({ length: 25 }, (_, n) => cluster(`n${n}`, `${n}`)),
      "x",
      'There is no cluster named "x": The org\'s clusters here: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19 and 5 more.',
    ],
  ])("fails for %s", (_name, clusters, name, message) => {
    expect(() => clusterNamed(clusters, name)).toThrow(message);
  });
});

describe("latestJobs", () => {
  const job = (key: string, second: number, status: "NEW" | "FAILED") => ({
    ...newJob("u", key, { command: ["x.py"] }, new Date(at.getTime() + second * 1000)),
    status,
  });
  const jobs = [job("a", 1, "FAILED"), job("c", 3, "NEW"), job("b", 2, "FAILED")];
  const keys = (status: string | null, limit: number) =>
    latestJobs(jobs, { status, limit }).map(({ idempotencyKey }) => idempotencyKey);

  test("the latest first, cut after the status was asked for", () => {
    expect(keys(null, 9)).toEqual(["c", "b", "a"]);
    expect(keys(null, 2)).toEqual(["c", "b"]);
    expect(keys("FAILED", 1)).toEqual(["b"]);
    expect(keys("CANCELLED", 1)).toEqual([]);
  });
});

describe("data muster_cluster", () => {
  test.each([
    ["neither", { name: null, uuid: null }, 1],
    ["both", { name: "a", uuid: UNKNOWN }, 1],
    ["a name", { name: "a", uuid: null }, 0],
    ["a UUID that is not known yet", { name: null, uuid: UNKNOWN }, 0],
  ] as const)("validates: %s", (_name, config, problems) => {
    expect(clusterSource.validate?.(config)).toHaveLength(problems);
  });
});
