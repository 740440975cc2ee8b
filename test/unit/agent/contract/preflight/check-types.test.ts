import { describe, expect, test } from "@jest/globals";
import { checkOfferings } from "../../../../../agent/contract/preflight/check-types.js";
import { clusterAsk, preflightAsk, preflightFacts } from "../../../../support/preflight.js";

const TYPES = ["c5.xlarge", "c5n.18xlarge"];
const ZONES = ["us-east-1a", "us-east-1b"];

/** What stands against a cluster of two types in two zones, where EC2 offers these. */
const found = (offered: readonly (readonly [type: string, zone: string])[]) =>
  checkOfferings(
    preflightAsk({
      clusters: [clusterAsk({ instanceTypes: TYPES, place: { tier: "private", zones: [1, 2] } })],
    }),
    preflightFacts({
      subnets: { value: [] },
      offerings: { value: offered.map(([type, zone]) => ({ type, zone })) },
    }),
  ).map(({ is, asked }) => [is, asked]);

describe("a cluster of two types in two zones", () => {
  test("can't be, where none of its types is offered in any of its zones", () =>
    expect(found([])).toEqual([...ZONES, ...ZONES].map((zone) => ["problem", `offered in ${zone}`])));

  test("starts with another of its types or zones, where one of the four is offered", () =>
    expect(found([["c5.xlarge", "us-east-1a"]])).toEqual(
      ["us-east-1b", ...ZONES].map((zone) => ["warning", `offered in ${zone}`]),
    ));
});
