import { expect, test } from "@jest/globals";
import { orgUse } from "../../../../agent/contract/org-in-use.js";

const clusters = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ name: `c${index}`, uuid: `u${index}`, clusterStatus: "FINISHED" as const },
  }));

test("an org's use names twenty clusters, and counts those that follow", () => {
  expect(orgUse(clusters(20), [])?.lines).toHaveLength(20);
  expect(orgUse(clusters(22), [])?.lines.at(-1)).toBe("  and 2 more");
  expect(orgUse([], [])).toBeNull();
});

test.each([
  [1, [], "1 cluster", ["  c0 u0 FINISHED"]],
  [0, ["explore"], "1 notebook", ["  notebooks: explore"]],
  [1, ["explore"], "1 cluster and 1 notebook", ["  c0 u0 FINISHED", "  notebooks: explore"]],
  [
    2,
    ["a", "b"],
    "2 clusters and 2 notebooks",
    ["  c0 u0 FINISHED", "  c1 u1 FINISHED", "  notebooks: a, b"],
  ],
])("%d clusters and the notebooks %j are %s", (count, notebooks, counted, lines) => {
  expect(orgUse(clusters(count), notebooks)).toEqual({ count: counted, lines });
});
