import { describe, expect, test } from "@jest/globals";
import type { Ami } from "../../../../../provider/client/image-ports.js";
import { knownReasons, newestAmi } from "../../../../../provider/resources/image/observe.js";
import { type FamilyVersion, planRetirement } from "../../../../../provider/resources/image/remove.js";

const ami = (id: string, day: number, state = "available") =>
  ({ id, state, createdAt: `2026-11-0${day}T00:00:00.000Z` }) as Ami;

test.each<[string, Ami[], string | null]>([
  ["none of none", [], null],
  ["the newest", [ami("a", 1), ami("b", 3), ami("c", 2)], "b"],
  ["a pending one as any", [ami("a", 1), ami("b", 2, "pending")], "b"],
  ["an older one where the newest has failed", [ami("a", 2, "failed"), ami("b", 1)], "b"],
  ["the newest that has failed, where all have", [ami("a", 1, "failed"), ami("b", 2, "failed")], "b"],
])("the AMI that counts is %s", (_name, amis, expected) => {
  expect(newestAmi(amis)?.id ?? null).toBe(expected);
});

describe("what is to be done with version b, whose resource goes", () => {
  const version = (id: string, day: number, isReplaced = false): FamilyVersion => ({
    ...{ id, version: id, createdAt: `2026-11-0${day}T00:00:00.000Z`, isReplaced },
    ...{ isRelease: false, usedBy: [], regions: ["us-east-1"] },
  });
  const [a, b] = [version("a", 1, true), version("b", 2)];

  test.each<[string, FamilyVersion[], string[] | "replaced"]>([
    ["alone goes", [b], ["b"]],
    ["goes with those that it has replaced", [a, b], ["a", "b"]],
    ["stays for the rule of retention where a later one has its place", [a, b, version("c", 3)], "replaced"],
    ["goes where the later one has itself been replaced", [a, b, version("c", 3, true)], ["a", "b", "c"]],
    [
      "goes alone where an older one is another resource's",
      [version("a", 1), b, version("z", 1, true)],
      ["b"],
    ],
    ["that is gone leaves nothing but what was replaced", [a], ["a"]],
    ["that is gone leaves another's alone", [a, version("c", 3)], []],
  ])("%s", (_name, family, expected) => {
    const plan = planRetirement("b", family);
    expect(plan.kind === "replaced" ? plan.kind : plan.remove.map(({ id }) => id)).toEqual(expected);
  });
});

test("the reason of a share that failed is known by its region and account", () => {
  const share = (region: string, account: string, reason: string | null) => ({
    ...{ region, account, reason, status: "FAILED" },
  });
  const { reason } = knownReasons([
    share("us-east-1", "1", "one"),
    share("us-west-2", "1", "two"),
    share("us-west-2", "2", null),
  ]);
  expect([reason("us-west-2", "1"), reason("us-east-1", "1")]).toEqual(["two", "one"]);
  expect([
    reason("us-west-2", "2"),
    reason("us-east-1", "2"),
    knownReasons(null).reason("us-east-1", "1"),
  ]).toEqual([...[null, null, null]]);
});
