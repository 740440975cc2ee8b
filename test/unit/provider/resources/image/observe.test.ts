import { expect, test } from "@jest/globals";
import type { Ami } from "../../../../../provider/client/image-ports.js";
import { knownReasons, newestAmi } from "../../../../../provider/resources/image/observe.js";

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
