import { describe, expect, test } from "@jest/globals";
import {
  guardId,
  guardMismatch,
  guardRefusal,
  placeFrom,
} from "../../../../provider/resources/guard/decide.js";

const HERE = { org: "acme", region: "us-east-1" };
const cluster = (n: number) => ({ name: `c${n}`, uuid: `uuid-${n}`, clusterStatus: "FAILED" as const });

describe("the guard of an org", () => {
  test("may go when there is no cluster", () => expect(guardRefusal(HERE, [])).toBeNull());

  test("refuses while there is one, FAILED ones too, with name, uuid and status", () => {
    const diagnostic = guardRefusal(HERE, [cluster(1), { ...cluster(2), clusterStatus: "PARKED" }]);
    expect(diagnostic).toMatchObject({
      severity: "error",
      code: "org-in-use",
      summary: "Org acme still has 2 clusters in us-east-1",
    });
    expect(diagnostic?.detail).toContain("\n  c1 uuid-1 FAILED\n  c2 uuid-2 PARKED\nNext: ");
  });

  test("refuses while a notebook is left, with its name", () => {
    expect(guardRefusal(HERE, [], ["explore", "teach"])).toMatchObject({
      summary: "Org acme still has 2 notebooks in us-east-1",
      detail: expect.stringContaining("  notebooks: explore, teach"),
    });
    expect(guardRefusal(HERE, [cluster(1)], ["explore"])?.summary).toContain("1 cluster and 1 notebook in");
  });

  test.each([
    ["acme/us-east-1", HERE],
    ["acme", null],
    ["acme/us-east-1/x", null],
    ["/us-east-1", null],
    ["Acme/us-east-1", null],
  ])("of id %s is of %p", (id, place) => {
    expect(placeFrom(id)).toEqual(place);
    if (place !== null) expect(guardId(place)).toBe(id);
  });

  test("lists twenty and counts the rest", () => {
    const detail = guardRefusal(
      HERE,
      Array.from({ length: 23 }, (_, n) => cluster(n)),
    )?.detail;
    expect(detail).toContain("c19 ");
    expect(detail).not.toContain("c20 ");
    expect(detail).toContain("and 3 more");
  });

  test.each([
    ["the same place", HERE, null],
    ["another org", { ...HERE, org: "other" }, "org other in us-east-1"],
    ["another region", { ...HERE, region: "eu-west-1" }, "org acme in eu-west-1"],
  ])("asked by a provider of %s", (_name, asked, problem) => {
    const found = guardMismatch(HERE, asked);
    if (problem === null) expect(found).toBeNull();
    else expect(found?.detail).toContain(problem);
  });
});
