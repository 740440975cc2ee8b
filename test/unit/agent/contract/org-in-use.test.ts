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
