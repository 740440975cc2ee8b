import { beforeEach, describe, expect, test } from "@jest/globals";
import { PREFLIGHT_CHECKS } from "../../../../agent/contract/preflight-checks.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { preflightFacts } from "../../../support/preflight.js";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@example.com";
const FILE = `
org: {name: demo, region: us-east-1}
preflight: {skip: [rights]}
clusters:
  - {name: alpha, nodes: 2, image: {id: ami-01234567}}
  - {name: beta, nodes: 2, zones: [1, 2], spot: true, instanceTypes: [c5.xlarge, c5d.xlarge]}
  - {name: gamma, nodes: 1, zone: 2, access: {sshKeys: [${KEY}], allowFrom: [203.0.113.7/32]}}
`;

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.files.set("muster.yaml", Buffer.from(FILE));
});

describe("muster check", () => {
  test("asks for all clusters of muster.yaml at once", async () => {
    await world.run("check", "--skip", "dry-run", "--patience", "9s");
    const alike = { efa: false, rootVolumeGiB: 30 };
    expect(world.asked).toEqual([
      [
        {
          ...{ org: "demo", region: "us-east-1", network: { zones: null }, skip: ["rights", "dry-run"] },
          builders: [],
          clusters: [
            {
              ...{ ...alike, name: "alpha", nodes: 2, spot: false, instanceTypes: ["c5.xlarge"] },
              ...{ image: { id: "ami-01234567" }, placementGroup: true },
              place: { tier: "private", zones: [1] },
            },
            {
              ...{ ...alike, name: "beta", nodes: 2, spot: true, instanceTypes: ["c5.xlarge", "c5d.xlarge"] },
              ...{ image: { family: "mpi" }, placementGroup: false },
              place: { tier: "private", zones: [1, 2] },
            },
            {
              ...{ ...alike, name: "gamma", nodes: 1, spot: false, instanceTypes: ["c5.xlarge"] },
              ...{ image: { family: "mpi" }, placementGroup: true },
              place: { tier: "public", zones: [2] },
            },
          ],
        },
        9000,
      ],
    ]);
  });

  test("asks for the builders of images, in the org's first private subnet", async () => {
    const images = '[{family: sim, version: "1"}, {family: mpi, version: "2", baseAmi: ami-01234567}]';
    const file = (network: string) =>
      `org: {name: demo, region: us-east-1${network}}\nimages: ${images}\nclusters: []`;
    world.files.set("muster.yaml", Buffer.from(file("")));
    await world.run("check");
    const place = { tier: "private", zones: [1] };
    expect(world.asked[0]?.[0].builders).toEqual([
      { family: "sim", instanceType: "m6i.large", baseAmi: null, place },
      { family: "mpi", instanceType: "m6i.large", baseAmi: "ami-01234567", place },
    ]);
    const network = ", network: {vpcId: vpc-01234567, subnetIds: [subnet-01234567, subnet-89abcdef]}";
    world.files.set("muster.yaml", Buffer.from(file(network)));
    await world.run("check");
    expect(world.asked[1]?.[0].builders[0]?.place).toEqual({ subnetIds: ["subnet-01234567"] });
  });

  test("of a network that exists asks for the subnets of its zones, and for no network", async () => {
    const network = "{vpcId: vpc-01234567, subnetIds: [subnet-01234567, subnet-89abcdef]}";
    const text = `org: {name: demo, region: us-east-1, network: ${network}}\nclusters: [{name: alpha, nodes: 1, zone: 2}]`;
    world.files.set("muster.yaml", Buffer.from(text));
    await world.run("check");
    expect(world.asked[0]?.[0]).toMatchObject({
      network: null,
      clusters: [{ place: { subnetIds: ["subnet-89abcdef"] } }],
    });
  });

  test("shows every problem at once, and ends with 1", async () => {
    world.files.set("muster.yaml", Buffer.from(FILE.replace(/ {2}- \{name: (beta|gamma).*\n/g, "")));
    world.account = preflightFacts({
      quotas: new Map([["L-1216C47A", { value: 4 }]]),
      images: { value: [] },
      vpcs: {
        unknown: { why: "the credentials lack the right ec2:DescribeVpcs", right: "ec2:DescribeVpcs" },
      },
    });
    expect(await world.run("check")).toBe(1);
    expect(world.out).toContain("problem: quota Running On-Demand Standard");
    expect(world.out).toMatch(
      /problem: ami-01234567 of cluster alpha \(image\)\n {2}asked: .*\n {2}there: .*\n {2}next: {2}/,
    );
    expect(world.out).toContain("Allow ec2:DescribeVpcs to the credentials");
    expect(world.said.at(-1)).toMatch(/^2 problems, \d unchecked \(1 clusters of org demo in us-east-1\)$/);
  });

  test("ends with 0 where nothing but warnings was found, and has one document for --json", async () => {
    const skip = PREFLIGHT_CHECKS.filter((check) => check !== "vpcs").flatMap((check) => ["--skip", check]);
    world.account = preflightFacts({ vpcs: { unknown: { why: "w", right: null } } });
    expect(await world.run("check", "--json", ...skip)).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({
      ...{ org: "demo", region: "us-east-1" },
      findings: [{ check: "vpcs", is: "unchecked" }],
    });
  });

  test.each([
    [["--skip", "quotas"], "Give one of vcpus, elastic-ips"],
    [["--org", "other", "--region", "us-east-1"], "muster.yaml declares demo"],
  ])("refuses %j", async (args, message) => {
    expect(await world.run("check", ...args)).toBe(2);
    expect(world.said.join("\n")).toContain(message);
    expect(world.asked).toEqual([]);
  });
});
