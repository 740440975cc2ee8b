import { describe, expect, test } from "@jest/globals";
import {
  KEPT_VERSIONS,
  type KnownVersion,
  planRetention,
} from "../../../../../agent/contract/image/retention.js";
import { compareVersions } from "../../../../../agent/contract/image/version.js";

const known = (version: string, change: Partial<KnownVersion> = {}): KnownVersion => ({
  id: `mpi-${version}`,
  version,
  createdAt: "2026-11-27T07:00:00.000Z",
  isRelease: false,
  usedBy: [],
  ...change,
});

test.each([
  ["1.4.0", "1.4.0", 0],
  ["1.4", "1.4.0", 0],
  ["1.10.0", "1.9.0", 1],
  ["2", "1.99.99.99", 1],
  ["2026.11.27", "2026.12.1", -1],
])("of the versions %s and %s the order is %i", (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order);
  expect(Math.sign(compareVersions(b, a))).toBe(order === 0 ? 0 : -order);
});

describe("the rule of retention", () => {
  test.each<[string, readonly KnownVersion[], readonly string[]]>([
    ["no version", [], []],
    ["three versions stay", [known("1"), known("2"), known("3")], []],
    ["the oldest of four goes", [known("4"), known("1"), known("3"), known("2")], ["mpi-1"]],
    ["by number, not by text", [known("10"), known("9"), known("8"), known("7")], ["mpi-7"]],
    ["a release stays", [known("4"), known("1", { isRelease: true }), known("3"), known("2")], []],
    ["what is in use stays", [known("4"), known("1", { usedBy: ["i-1"] }), known("3"), known("2")], []],
    [
      "a release among the newest counts as one of them",
      [known("4", { isRelease: true }), known("3"), known("2"), known("1")],
      ["mpi-1"],
    ],
    [
      "the older bake of a version goes first",
      [
        known("1", { id: "old", createdAt: "2026-11-01T00:00:00.000Z" }),
        known("1", { id: "new" }),
        known("2"),
        known("3"),
      ],
      ["old"],
    ],
  ])("%s", (_, versions, gone) => {
    const plan = planRetention(versions, KEPT_VERSIONS);
    expect(plan).toHaveLength(versions.length);
    expect(plan.filter(({ because }) => because === null).map(({ version }) => version.id)).toEqual(gone);
  });
});
