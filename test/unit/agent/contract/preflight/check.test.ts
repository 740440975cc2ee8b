import { describe, expect, test } from "@jest/globals";
import type { ClusterAsk, PreflightAsk } from "../../../../../agent/contract/preflight/ask.js";
import { checkPreflight } from "../../../../../agent/contract/preflight/check.js";
import type {
  KeyFacts,
  PreflightFacts,
  SimulatedRight,
} from "../../../../../agent/contract/preflight/facts.js";
import {
  type FindingKind,
  PREFLIGHT_CHECKS,
  type PreflightCheck,
  problemsIn,
} from "../../../../../agent/contract/preflight-checks.js";
import { clusterAsk, preflightAsk, preflightFacts } from "../../../../support/preflight.js";

const found = (ask: Partial<PreflightAsk>, facts: Partial<PreflightFacts>) =>
  checkPreflight(preflightAsk(ask), preflightFacts(facts));
const one = (values: Partial<ClusterAsk>): Partial<PreflightAsk> => ({ clusters: [clusterAsk(values)] });
const quota = (value: number, code = "L-1216C47A"): Partial<PreflightFacts> => ({
  quotas: new Map([[code, { value }]]),
});
const DENIED = { unknown: { why: "the credentials lack the right ec2:X", right: "ec2:X" } } as const;
const running = (more: object = {}) => ({
  ...{ type: "c5.xlarge", vcpus: 4, spot: false, subnetId: "subnet-1", org: null, cluster: null },
  ...more,
});
const image = (more: object) => {
  const { images } = preflightFacts();
  return { images: { value: "value" in images ? images.value.map((old) => ({ ...old, ...more })) : [] } };
};
const key = (more: Partial<KeyFacts>): Partial<PreflightFacts> => {
  const arn = "arn:aws:kms:us-east-1:1:key/k";
  const facts = { arn, isAwsManaged: false, isEnabled: true, allowsAutoScaling: { value: false } };
  return { keys: new Map([["ami-1", { value: { ...facts, ...more } }]]) };
};
const right = (more: Partial<SimulatedRight>): Partial<PreflightFacts> => ({
  rights: {
    value: [
      {
        ...{
          action: "ec2:RunInstances",
          decision: "allowed",
          isUnderOrganization: false,
          lacksContext: false,
        },
        ...more,
      },
    ],
  },
});
const dryRun = (code: string): Partial<PreflightFacts> => ({
  dryRuns: new Map([["c5.xlarge/subnet-1/ami-1", { value: { code, message: `it is ${code}` } }]]),
});
const subnet = (free: number) => ({
  id: "subnet-1",
  name: "muster-demo-private-1",
  zone: "us-east-1a",
  free,
});

test("nothing stands against a deploy that the account has everything for", () => {
  expect(found({}, {})).toEqual([]);
});

describe("a finding", () => {
  test.each<
    [name: string, PreflightCheck, FindingKind, Partial<PreflightAsk>, Partial<PreflightFacts>, there: RegExp]
  >([
    [
      "a quota lets 96 of 256 nodes start",
      ...(["vcpus", "problem"] as const),
      one({ nodes: 256, place: { subnetIds: ["subnet-1"] } }),
      { ...quota(384), subnets: { value: [subnet(1000)] } },
      /^384 of 384 vCPUs, as others run 0: 96 of 256 nodes$/,
    ],
    [
      "other instances use the quota up",
      ...(["vcpus", "problem"] as const),
      {},
      { ...quota(10), running: { value: [running()] } },
      /^6 of 10 vCPUs, as others run 4: 1 of 2 nodes$/,
    ],
    [
      "the clusters together exceed what each has room in",
      ...(["vcpus", "problem"] as const),
      { clusters: [clusterAsk(), clusterAsk({ name: "beta" })] },
      quota(12),
      /^12 of 12 vCPUs/,
    ],
    [
      "spot instances have a quota of their own",
      ...(["vcpus", "problem"] as const),
      one({ spot: true }),
      quota(4, "L-34B43A08"),
      /^4 of 4/,
    ],
    [
      "the quota is too small for the first type, and another type has another quota",
      ...(["vcpus", "warning"] as const),
      one({ instanceTypes: ["c5.xlarge", "x1.large"] }),
      {
        ...quota(4),
        offerings: { value: ["c5.xlarge", "x1.large"].map((type) => ({ type, zone: "us-east-1a" })) },
      },
      /^4 of 4/,
    ],
    [
      "all addresses are in use",
      ...(["elastic-ips", "problem"] as const),
      { network: { zones: null }, clusters: [] },
      { addresses: { value: { count: 5, ofOrg: 0 } }, quotas: twoQuotas(5, 9) },
      /^0 of 5, as 5 are in use$/,
    ],
    [
      "there are as many VPCs as there may be",
      ...(["vpcs", "problem"] as const),
      { network: { zones: null }, clusters: [] },
      { vpcs: { value: { count: 5, ofOrg: 0 } }, quotas: twoQuotas(9, 5) },
      /^0 of 5/,
    ],
    ["a subnet is full", "subnet", "problem", {}, { subnets: { value: [subnet(1)] } }, /^1 free address$/],
    [
      "a subnet that is named is not there",
      ...(["subnet", "problem"] as const),
      one({ place: { subnetIds: ["subnet-1", "subnet-9"] } }),
      {},
      /^none that the credentials see/,
    ],
    [
      "the zone of the subnet lacks the type",
      ...(["offering", "problem"] as const),
      {},
      { offerings: { value: [{ type: "c5.xlarge", zone: "us-east-1c" }] } },
      /^offered in us-east-1c$/,
    ],
    [
      "a zone that would be chosen for a new network lacks the type",
      ...(["offering", "problem"] as const),
      { network: { zones: null } },
      {
        offerings: { value: [{ type: "c5.xlarge", zone: "us-east-1c" }] },
        ...{ subnets: { value: [] }, dryRuns: new Map(), quotas: twoQuotas(9, 9, 640) },
      },
      /^offered in us-east-1c$/,
    ],
    [
      "no zone has the type",
      ...(["offering", "problem"] as const),
      {},
      { offerings: { value: [] } },
      /^offered in no zone of the region$/,
    ],
    [
      "one of two types is not in the zone",
      ...(["offering", "warning"] as const),
      one({ instanceTypes: ["c5.xlarge", "c5.large"] }),
      {},
      /^offered in no zone/,
    ],
    ["a type has no EFA", "efa", "problem", one({ efa: true }), {}, /^none$/],
    [
      "a type can't be in a placement group",
      ...(["placement", "problem"] as const),
      one({ instanceTypes: ["t3.large"] }),
      {},
      /^partition, spread$/,
    ],
    [
      "the image is not there, or not shared",
      ...(["image", "problem"] as const),
      {},
      { images: { value: [] } },
      /^none that the credentials see in us-east-1$/,
    ],
    [
      "the family has no image",
      ...(["image", "problem"] as const),
      one({ image: { family: "other" } }),
      {},
      /^none that the credentials see/,
    ],
    ["the image is not ready", "image", "problem", {}, image({ state: "pending" }), /^ami-1 is pending$/],
    [
      "the owner of the image that is named has deprecated it",
      ...(["image", "warning"] as const),
      {},
      image({ deprecatedAt: "2026-11-26T00:00:00.000Z" }),
      /^its owner deprecates ami-1 as of 2026-11-26T/,
    ],
    [
      "its owner deprecates it within 30 days",
      ...(["image", "warning"] as const),
      {},
      image({ deprecatedAt: "2026-12-27T00:00:00.000Z" }),
      /^its owner deprecates ami-1 as of 2026-12-27T/,
    ],
    [
      "a newer version has replaced the image that is named",
      ...(["image", "warning"] as const),
      {},
      image({ isReplaced: true }),
      /^a newer version of its family has replaced ami-1$/,
    ],
    [
      "the image is for another architecture",
      "image",
      "problem",
      {},
      image({ architecture: "arm64" }),
      /^arm64$/,
    ],
    [
      "the root volume is too small",
      "root-volume",
      "problem",
      {},
      image({ rootGiB: 40 }),
      /^ami-1 needs 40 GiB$/,
    ],
    ["Auto Scaling may not use the key", "key", "problem", {}, key({}), /AWSServiceRoleForAutoScaling/],
    ["the key is disabled", "key", "problem", {}, key({ isEnabled: false }), /^disabled$/],
    [
      "the key's policy can't be read",
      ...(["key", "unchecked"] as const),
      {},
      key({ allowsAutoScaling: DENIED }),
      /^not known/,
    ],
    [
      "a policy denies an action",
      ...(["rights", "problem"] as const),
      {},
      right({ decision: "explicitDeny" }),
      /^denied by a policy$/,
    ],
    [
      "no policy allows an action on the org's resources",
      ...(["rights", "warning"] as const),
      {},
      right({ decision: "implicitDeny" }),
      /^not allowed on the org's resources$/,
    ],
    [
      "a simulation passes under service control policies",
      ...(["rights", "unproven"] as const),
      {},
      right({ isUnderOrganization: true }),
      /^simulated as allowed$/,
    ],
    [
      "a simulation is denied under service control policies",
      ...(["rights", "unproven"] as const),
      {},
      right({ isUnderOrganization: true, decision: "explicitDeny" }),
      /^simulated as denied: ec2:RunInstances$/,
    ],
    [
      "EC2 would not start it",
      "dry-run",
      "problem",
      {},
      dryRun("Unsupported"),
      /^Unsupported: it is Unsupported$/,
    ],
    [
      "the credentials may not start it",
      ...(["dry-run", "problem"] as const),
      {},
      dryRun("UnauthorizedOperation"),
      /^UnauthorizedOperation/,
    ],
  ])("%s", (_name, check, is, ask, facts, there) => {
    const findings = found(ask, facts);
    expect(findings).toMatchObject([{ check, is, there: expect.stringMatching(there) }]);
    expect(problemsIn(findings)).toHaveLength(is === "problem" ? 1 : 0);
    expect(findings[0]?.next).toMatch(/^[A-Z].*\.$/s);
  });
});

function twoQuotas(addresses: number, vpcs: number, vcpus = 640): PreflightFacts["quotas"] {
  return new Map([
    ["L-0263D0A3", { value: addresses }],
    ["L-F678F1CE", { value: vpcs }],
    ["L-1216C47A", { value: vcpus }],
  ]);
}

test("a type of several that EC2 would not start is a warning while another one starts", () => {
  const runs = (second: string) =>
    new Map([
      ["c5.xlarge/subnet-1/ami-1", { value: { code: second, message: "" } }],
      ["c5.large/subnet-1/ami-1", { value: { code: "Unsupported", message: "" } }],
    ]);
  const ask = {
    ...one({ instanceTypes: ["c5.xlarge", "c5.large"] }),
    skip: PREFLIGHT_CHECKS.filter((check) => check !== "dry-run"),
  };
  const kinds = (dryRuns: PreflightFacts["dryRuns"]) => found(ask, { dryRuns }).map(({ is }) => is);
  expect(kinds(runs("DryRunOperation"))).toEqual(["warning"]);
  expect(kinds(runs("Unsupported"))).toEqual(["problem", "problem"]);
});

describe("what is there already", () => {
  test("of a cluster is part of what it asks of the quota and of the subnet", () => {
    const own = running({ org: "demo", cluster: "alpha" });
    const facts = { ...quota(8), running: { value: [own, own] }, subnets: { value: [subnet(0)] } };
    expect(found({}, facts)).toEqual([]);
  });

  test("of another org with a cluster of that name is not", () => {
    const other = running({ org: "acme", cluster: "alpha" });
    expect(found({}, { ...quota(8), running: { value: [other] } })).toMatchObject([{ check: "vcpus" }]);
  });

  test("of the org's network needs no quota", () => {
    const full = { value: { count: 5, ofOrg: 1 } };
    const facts = { addresses: full, vpcs: full, quotas: twoQuotas(5, 5) };
    expect(found({ network: { zones: null }, clusters: [] }, facts)).toEqual([]);
  });
});

describe("what several clusters ask of the subnets", () => {
  const small = clusterAsk({ name: "small", nodes: 2, place: { subnetIds: ["subnet-1"] } });
  const skip = PREFLIGHT_CHECKS.filter((check) => check !== "subnet");
  const beside = (name: string, values: Partial<ClusterAsk>) => clusterAsk({ name, nodes: 5, ...values });

  test.each<[string, Partial<ClusterAsk>, string[]]>([
    [
      "counts together where they share one",
      { place: { subnetIds: ["subnet-1"] } },
      ["7 addresses for small, beside"],
    ],
    ["does not count one whose subnets are not there yet", { place: { tier: "private", zones: [2] } }, []],
    [
      "does not count one that has another subnet as well",
      { place: { subnetIds: ["subnet-1", "subnet-2"] } },
      [],
    ],
  ])("%s", (_name, values, asked) => {
    const two = [subnet(4), { ...subnet(100), id: "subnet-2", name: null }];
    const findings = found(
      { skip, clusters: [small, beside("beside", values)] },
      { subnets: { value: two } },
    );
    expect(findings.map(({ asked: what }) => what)).toEqual(asked);
  });

  test("is as many addresses as they have nodes", () => {
    const clusters = [small, beside("beside", {})];
    expect(found({ skip, clusters }, { subnets: DENIED })).toMatchObject([
      { is: "unchecked", asked: "7 addresses" },
    ]);
  });

  test("is enough where it is just as many as are free", () => {
    expect(found({ skip, clusters: [small] }, { subnets: { value: [subnet(2)] } })).toEqual([]);
  });
});

describe("what can't be asked", () => {
  const nothing = {
    ...{ types: DENIED, offerings: DENIED, running: DENIED, addresses: DENIED, vpcs: DENIED },
    ...{ subnets: DENIED, zones: DENIED, images: DENIED, rights: DENIED, quotas: new Map() },
  };
  const ask = { network: { zones: null }, clusters: [clusterAsk({ efa: true })] };

  test("is unchecked, names the right, and is no problem", () => {
    const findings = found(ask, nothing);
    expect(new Set(findings.map(({ is }) => is))).toEqual(new Set(["unchecked"]));
    expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(PREFLIGHT_CHECKS));
    for (const { next, check } of findings) {
      expect(next).toBe(`Allow ec2:X to the credentials, or skip the check "${check}".`);
    }
    expect(problemsIn(findings)).toEqual([]);
  });

  test("of the quota is unchecked too, also where only what runs is not known", () => {
    expect(found({}, { quotas: new Map([["L-1216C47A", DENIED]]) })).toMatchObject([
      { check: "vcpus", is: "unchecked" },
    ]);
    expect(found({}, { running: DENIED })).toMatchObject([{ check: "vcpus", is: "unchecked" }]);
    expect(found({}, { running: DENIED, ...quota(4) })).toMatchObject([{ check: "vcpus", is: "problem" }]);
  });

  test.each(PREFLIGHT_CHECKS)("by %s is not a finding where that is skipped", (check) => {
    const left = new Set(found({ ...ask, skip: [check] }, nothing).map((finding) => finding.check));
    expect(left).toEqual(new Set(PREFLIGHT_CHECKS.filter((other) => other !== check)));
  });
});

test("all problems come at once, and first", () => {
  const facts = {
    ...quota(4),
    ...image({ rootGiB: 40 }),
    ...dryRun("Unsupported"),
    ...right({ decision: "implicitDeny" }),
  };
  expect(found({ ...one({ efa: true }) }, facts).map(({ check, is }) => `${check} ${is}`)).toEqual([
    ...["vcpus problem", "efa problem", "root-volume problem", "dry-run problem"],
    "rights warning",
  ]);
});

test.each([
  [
    "deprecated two years ahead, as every public image is",
    { image: { id: "ami-1" } },
    { deprecatedAt: "2028-01-01T00:00:00.000Z" },
  ],
  [
    "the newest of its family, whatever its tags say",
    { image: { family: "mpi" } },
    { isReplaced: true, deprecatedAt: "2026-01-01T00:00:00.000Z" },
  ],
])("nothing is said of an image that is %s", (_what, cluster, more) => {
  expect(found(one(cluster), image(more)).filter(({ check }) => check === "image")).toEqual([]);
});
