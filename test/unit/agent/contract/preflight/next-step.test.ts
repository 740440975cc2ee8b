import { describe, expect, test } from "@jest/globals";
import type { PreflightAsk } from "../../../../../agent/contract/preflight/ask.js";
import { checkPreflight } from "../../../../../agent/contract/preflight/check.js";
import { rightsAsked } from "../../../../../agent/contract/preflight/check-rights.js";
import type { ImageFacts, PreflightFacts } from "../../../../../agent/contract/preflight/facts.js";
import { PREFLIGHT_CHECKS, type PreflightCheck } from "../../../../../agent/contract/preflight-checks.js";
import { clusterAsk, preflightAsk, preflightFacts } from "../../../../support/preflight.js";

/** What this check alone finds. */
const foundBy = (check: PreflightCheck, ask: Partial<PreflightAsk>, facts: Partial<PreflightFacts>) =>
  checkPreflight(
    preflightAsk({ skip: PREFLIGHT_CHECKS.filter((other) => other !== check), ...ask }),
    preflightFacts(facts),
  );
const ofCluster = (values: Parameters<typeof clusterAsk>[0]) => ({ clusters: [clusterAsk(values)] });
const NEW_NETWORK = { network: { zones: null }, clusters: [] };
const image = (more: Partial<ImageFacts>): Partial<PreflightFacts> => {
  const { images } = preflightFacts();
  return { images: { value: "value" in images ? images.value.map((old) => ({ ...old, ...more })) : [] } };
};
const subnet = (id: string, name: string | null, free: number) => ({ id, name, zone: "us-east-1a", free });
const runs = (more: object = {}) => ({
  ...{ type: "c5.xlarge", vcpus: 4, spot: false, subnetId: "subnet-1", org: "demo", cluster: "alpha" },
  ...more,
});

describe("a finding says what to do next", () => {
  test.each<[string, PreflightCheck, Partial<PreflightAsk>, Partial<PreflightFacts>, string]>([
    [
      "a quota has to have room for what runs, too",
      ...(["vcpus", {}] as const),
      { quotas: new Map([["L-1216C47A", { value: 10 }]]), running: { value: [runs({ org: null })] } },
      "Ask for at least 12 at Service Quotas (ec2, L-1216C47A), or declare fewer nodes.",
    ],
    [
      "one more address is needed than there are",
      ...(["elastic-ips", NEW_NETWORK] as const),
      {
        addresses: { value: { count: 5, ofOrg: 0 } },
        quotas: new Map([["L-0263D0A3", { value: 5 }]]),
      },
      "Ask for at least 6 at Service Quotas (ec2, L-0263D0A3), release one that is not used, or set network.vpcId.",
    ],
    ["an image comes", "image", {}, image({ state: "pending" }), "Wait until it is available."],
    ["an image does not come", "image", {}, image({ state: "failed" }), "Choose another image."],
    [
      "a type is nowhere",
      ...(["offering", {}] as const),
      { offerings: { value: [] } },
      "Choose another instance type or region.",
    ],
    [
      "a type is elsewhere",
      ...(["offering", {}] as const),
      { offerings: { value: [{ type: "c5.xlarge", zone: "us-east-1c" }] } },
      "Choose another instance type, or set zone or org.network.zones to these: a launch there would fail each time.",
    ],
    [
      "a type is in zones of other subnets",
      ...(["offering", ofCluster({ place: { subnetIds: ["subnet-1"] } })] as const),
      { offerings: { value: [{ type: "c5.xlarge", zone: "us-east-1c" }] } },
      "Choose another instance type, or choose subnets in one of these zones: a launch there would fail each time.",
    ],
  ])("%s", (_name, check, ask, facts, next) => {
    expect(foundBy(check, ask, facts).map((finding) => finding.next)).toEqual([next]);
  });
});

describe("the quota on vCPUs", () => {
  test("that several clusters share does not say how many nodes of one would start", () => {
    const clusters = [clusterAsk(), clusterAsk({ name: "beta" })];
    const [finding] = foundBy("vcpus", { clusters }, { quotas: new Map([["L-1216C47A", { value: 12 }]]) });
    expect(finding?.there).toBe("12 of 12 vCPUs, as others run 0");
  });

  test("is asked about for all nodes together where no type is known", () => {
    const clusters = [clusterAsk(), clusterAsk({ name: "beta", nodes: 3 })];
    const types = { unknown: { why: "it is down", right: null } };
    expect(foundBy("vcpus", { clusters }, { types })).toMatchObject([{ is: "unchecked", asked: "5 nodes" }]);
  });

  test("does not count a type that EC2 does not have: that is another check's finding", () => {
    expect(foundBy("vcpus", ofCluster({ instanceTypes: ["c99.large"] }), {})).toEqual([]);
  });
});

describe("the free addresses of subnets", () => {
  const one = { subnets: { value: [subnet("subnet-1", "muster-demo-private-1", 1)] } };

  test.each([
    ["in the cluster's subnet need none", {}, []],
    ["of another org", { org: "acme" }, ["2 addresses for alpha"]],
    ["of another cluster", { cluster: "beta" }, ["2 addresses for alpha"]],
    ["in another subnet", { subnetId: "subnet-2" }, ["2 addresses for alpha"]],
  ])("are for what is not there yet: nodes %s", (_name, more, expected) => {
    const there = { running: { value: [runs(more), runs(more)] } };
    expect(foundBy("subnet", {}, { ...one, ...there }).map(({ asked }) => asked)).toEqual(expected);
  });

  test("are added up, and the subnets are shown with their names", () => {
    const place = { subnetIds: ["subnet-1", "subnet-2"] };
    const value = [subnet("subnet-1", "private", 1), subnet("subnet-2", null, 1)];
    const [finding] = foundBy("subnet", ofCluster({ nodes: 3, place }), { subnets: { value } });
    expect(finding).toMatchObject({
      resource: "subnet subnet-1 (private) and subnet subnet-2",
      there: "2 free addresses",
    });
    expect(foundBy("subnet", ofCluster({ nodes: 2, place }), { subnets: { value } })).toEqual([]);
  });
});

test("a new network has the zones that the org names, and not the region's first", () => {
  const ask = { network: { zones: ["us-east-1c", "us-east-1d"] } };
  const [finding] = foundBy("offering", ask, { subnets: { value: [] } });
  expect(finding?.asked).toBe("offered in us-east-1c");
});

test.each([
  [30, []],
  [31, ["ami-1 needs 31 GiB"]],
])("a root volume of 30 GiB holds an image of %d GiB: %j", (rootGiB, expected) => {
  expect(foundBy("root-volume", {}, image({ rootGiB })).map(({ there }) => there)).toEqual(expected);
});

test("rights are asked for what is declared alone", () => {
  const actions = (ask: Partial<PreflightAsk>) =>
    rightsAsked(preflightAsk(ask), "123456789012").flatMap((question) => question.actions);
  expect(actions({ clusters: [] })).toEqual([]);
  expect(actions({})).toContain("iam:CreateRole");
  expect(actions({})).not.toContain("ec2:CreateVpc");
  expect(actions(NEW_NETWORK)).toContain("ec2:CreateVpc");
  expect(actions(NEW_NETWORK)).not.toContain("iam:CreateRole");
});
