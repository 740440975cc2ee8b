import { describe, expect, test } from "@jest/globals";
import type { BuilderAsk } from "../../../../../agent/contract/preflight/ask.js";
import { checkPreflight } from "../../../../../agent/contract/preflight/check.js";
import type { PreflightFacts } from "../../../../../agent/contract/preflight/facts.js";
import { clusterAsk, preflightAsk, preflightFacts } from "../../../../support/preflight.js";

const found = (builder: Partial<BuilderAsk>, facts: Partial<PreflightFacts> = {}) =>
  checkPreflight(
    preflightAsk({
      clusters: [],
      builders: [
        {
          ...{ family: "mpi", instanceType: "c5.xlarge", baseAmi: null },
          place: { tier: "private", zones: [1] },
          ...builder,
        },
      ],
    }),
    preflightFacts(facts),
  );
const running = (vcpus: number, type = "m5.large") => ({
  ...{ type, vcpus, spot: false, subnetId: null, org: "demo", cluster: "alpha" },
});
const quota = (value: number) => ({ quotas: new Map([["L-1216C47A", { value }]]) });
const DENIED = { unknown: { why: "the credentials lack the right ec2:X", right: "ec2:X" } } as const;

describe("before an image is baked", () => {
  test("an account that has all that a builder needs has no finding", () => {
    expect(found({ baseAmi: "ami-1" }, quota(4))).toEqual([]);
  });

  test.each<[string, Partial<BuilderAsk>, Partial<PreflightFacts>, string, RegExp]>([
    ["the quota has no room for it", {}, quota(3), "vcpus", /^3 vCPUs beside what runs$/],
    [
      "the org's own clusters run on all of the quota",
      {},
      { ...quota(8), running: { value: [running(6), running(96, "p4d.24xlarge")] } },
      "vcpus",
      /^2 vCPUs beside what runs$/,
    ],
    [
      "its type is offered elsewhere alone",
      {},
      { offerings: { value: [{ type: "c5.xlarge", zone: "us-east-1b" }] } },
      "offering",
      /^offered in us-east-1b$/,
    ],
    ["there is no such type", { instanceType: "c99.large" }, {}, "offering", /^offered in no zone/],
    [
      "its type is for another architecture",
      { instanceType: "c6g.large" },
      { offerings: { value: [{ type: "c6g.large", zone: "us-east-1a" }] } },
      "image",
      /^arm64$/,
    ],
    [
      "the AMI that it begins with is not there",
      { baseAmi: "ami-2" },
      {},
      "image",
      /^none that the credentials see in us-east-1$/,
    ],
  ])("%s is a problem", (_what, builder, facts, check, there) => {
    const [problem, ...others] = found(builder, facts);
    expect(problem).toMatchObject({ check, is: "problem", there: expect.stringMatching(there) });
    expect(`${problem?.resource} ${problem?.asked}`).toContain("builder of image mpi");
    expect(others).toEqual([]);
  });

  test.each<[string, Partial<PreflightFacts>]>([
    ["vcpus", { types: DENIED }],
    ["vcpus", { quotas: new Map([["L-1216C47A", DENIED]]) }],
    ["vcpus", { running: DENIED }],
    ["offering", { offerings: DENIED }],
    ["offering", { subnets: DENIED }],
    ["image", { images: DENIED }],
  ])("what can't be asked for %s is unchecked: %j", (check, facts) => {
    const unchecked = found({ baseAmi: "ami-1" }, facts);
    expect(unchecked).toEqual([expect.objectContaining({ check, is: "unchecked" })]);
    expect(unchecked[0]?.next).toContain("Allow ec2:X");
  });
});

test("a family that the same deploy bakes is missing nowhere, and another one is", () => {
  const place = { tier: "private", zones: [1] } as const;
  const builders = [{ family: "new", instanceType: "c5.xlarge", baseAmi: "ami-1", place }];
  const of = (family: string) => {
    const clusters = [clusterAsk({ image: { family } })];
    return checkPreflight(preflightAsk({ clusters, builders }), preflightFacts()).map(({ check }) => check);
  };
  expect(of("new")).not.toContain("image");
  expect(of("other")).toContain("image");
});
