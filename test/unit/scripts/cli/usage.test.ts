import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import type { JobUsageItem, UsageItem } from "../../../../agent/contract/usage.js";
import { CLUSTER_UUID, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { notebookItem } from "../../../support/notebook-item.js";

const GONE = "99999999-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const record: UsageItem = {
  ...{ clusterUuid: GONE, clusterName: "=gone", org: "acme", month: "2026-01", instanceType: "c5.xlarge" },
  ...{ nodes: 2, from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T00:05:00.000Z", endedBecause: "removed" },
};
const jobRecord: JobUsageItem = {
  ...{ clusterUuid: GONE, clusterName: "gone", org: "acme", month: "2026-01", instanceType: "c5.xlarge" },
  ...{ jobId: "old", submittedBy: "bob", nodes: 2 },
  ...{ from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T00:02:00.000Z" },
};
const open = { since: "2026-01-01T00:00:00.000Z", nodes: 4, instanceType: "m5.large" };
const PLACE = ["--org", "acme"] as const;
const PRICES = { region: "us-east-1", nodeHour: { "c5.xlarge": 0.6, "m5.large": 0.3 } };

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.usage.clusters.push(record);
  world.usage.jobs.push(jobRecord);
  world.clusters.push(observedCluster({ name: "alpha", usage: { open, toRecord: [] } }));
  world.prices = PRICES;
});
const usage = (...args: string[]) => world.run("usage", ...args, ...PLACE);
const document = () => JSON.parse(world.out) as { rows: { key: string; minutes: number }[] };

describe("muster usage", () => {
  test("shows this month by cluster, those that are gone too, with costs and the sum", async () => {
    expect(await usage()).toBe(0);
    expect(world.out.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^CLUSTER +NODES +NODE MINUTES +NODE HOURS +USD$/),
      expect.stringMatching(/^alpha .* m5\.large +40 +0\.7 +0\.20$/),
      expect.stringMatching(/^=gone .* c5\.xlarge +10 +0\.2 +0\.10$/),
      expect.stringMatching(/^in all +50 +0\.8 +0\.30$/),
    ]);
  });

  test("by user and by job is of jobs, with those of clusters that are gone", async () => {
    const used = { nodes: 2, silentNodes: 0, peakMemoryBytes: null, peakMemoryAddress: null, cpuSeconds: 1 };
    const job: JobItem = {
      ...newJob(CLUSTER_UUID, "k", { command: ["e.py"] }, world.now(), { submittedBy: "ada" }),
      ...{ status: "FINISHED", usage: used },
      ...{ claimedAt: "2026-01-01T00:01:00.000Z", endedAt: "2026-01-01T00:06:00.000Z" },
    };
    world.jobs.set(job.id, job);
    expect(await usage("--by", "user", "--json")).toBe(0);
    expect(document().rows).toMatchObject([
      { key: "ada", minutes: 10 },
      { key: "bob", minutes: 4 },
    ]);
    world.written.length = 0;
    expect(await usage("--by", "job", "--json")).toBe(0);
    expect(document().rows.map(({ key }) => key)).toEqual([job.id, "old"]);
  });

  test("has notebooks' own nodes with their clusters, by type, and by user as who submits from them; by job is of jobs", async () => {
    const at = "2026-01-01T00:00:00.000Z";
    world.usage.notebooks.push({
      ...{
        clusterUuid: GONE,
        clusterName: "=gone",
        org: "acme",
        month: "2026-01",
        instanceType: "m6i.xlarge",
      },
      ...{ submittedBy: "notebook:old", nodes: 1, from: at, to: "2026-01-01T00:03:00.000Z" },
    });
    world.notebooks.set("explore", notebookItem({ statusChangedAt: at }));
    const rows = async (by: string) => {
      world.written.length = 0;
      expect(await usage("--by", by, "--json")).toBe(0);
      return document().rows.map(({ key, minutes }) => [key, minutes]);
    };
    expect(await rows("cluster")).toEqual([
      [`alpha (${CLUSTER_UUID})`, 50],
      [`=gone (${GONE})`, 13],
    ]);
    expect(await rows("type")).toEqual([
      ["m5.large", 40],
      ["m6i.xlarge", 13],
      ["c5.xlarge", 10],
    ]);
    expect(await rows("user")).toEqual([
      ["notebook:explore", 10],
      ["bob", 4],
      ["notebook:old", 3],
    ]);
    expect(await rows("job")).toEqual([["old", 4]]);
  });

  test("as CSV, with no cell that a spreadsheet would run", async () => {
    expect(await usage("--csv")).toBe(0);
    expect(world.out).toBe(
      `month,cluster,cluster_uuid,instance_types,node_minutes,usd\r\n2026-01,alpha (${CLUSTER_UUID}),${CLUSTER_UUID},m5.large,40,0.20\r\n2026-01,'=gone (${GONE}),${GONE},c5.xlarge,10,0.10\r\n`,
    );
  });

  test("as CSV, with no submitter's name that would steer the terminal or make a row of its own", async () => {
    const submittedBy = 'a\u001b]0;owned\u0007\u202e,"b"\r\n2026-01,root';
    world.usage.jobs.splice(0, 1, { ...jobRecord, submittedBy });
    expect(await usage("--csv", "--by", "user", "--no-prices")).toBe(0);
    expect(world.out.split("\r\n")).toEqual([
      "month,user,cluster_uuid,instance_types,node_minutes,usd",
      '2026-01,"a\\x1b]0;owned\\x07\\u202e,""b""\\n2026-01,root",,c5.xlarge,4,',
      "",
    ]);
  });

  test("without a price list leaves costs out and says so", async () => {
    world.prices = null;
    expect(await usage("--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ minutes: 50, costUsd: null });
    expect(world.said.join()).toContain("Costs are left out");
  });

  test("of a type without a price names it, and leaves its rows out of the sum instead of counting 0", async () => {
    world.prices = null;
    const nodeHour = { "m5.large": PRICES.nodeHour["m5.large"] };
    world.files.set("p.json", Buffer.from(JSON.stringify({ ...PRICES, nodeHour })));
    expect(await usage("--prices", "p.json", "--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({
      ...{ costUsd: 0.2, unpriced: ["c5.xlarge"], minutes: 50 },
      rows: [{ costUsd: 0.2 }, { costUsd: null, instanceTypes: ["c5.xlarge"] }],
    });
    expect(world.said.join()).toContain("leaves out the rows with c5.xlarge");
  });

  test("of types that all lack a price has no sum", async () => {
    world.prices = null;
    world.files.set("p.json", Buffer.from(JSON.stringify({ ...PRICES, nodeHour: {} })));
    expect(await usage("--prices", "p.json", "--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ costUsd: null, unpriced: ["c5.xlarge", "m5.large"] });
  });

  test("takes prices from a file, of this region only", async () => {
    world.prices = null;
    world.files.set("p.json", Buffer.from(JSON.stringify(PRICES)));
    expect(await usage("--prices", "p.json", "--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ costUsd: 0.3 });
    expect(await usage("--prices", "p.json", "--region", "eu-west-1")).toBe(2);
    expect(world.said.join()).toContain("has the prices of us-east-1");
  });

  test.each([
    ["{", "is no JSON"],
    ['{"region": 1, "nodeHour": {"c5": -1}, "odd": 2}', "/nodeHour/c5"],
  ])("refuses the file %s", async (text, says) => {
    world.files.set("p.json", Buffer.from(text));
    expect(await usage("--prices", "p.json")).toBe(2);
    expect(world.said.join()).toContain(says);
  });

  test.each([
    ["--month", "2026-13"],
    ["--by", "moon"],
    ["--csv", "--json"],
  ])("%s %s is invalid", async (...args) => {
    expect(await usage(...args)).toBe(2);
  });

  test("of a month without usage says so", async () => {
    expect(await usage("--month", "2025-12")).toBe(0);
    expect(world.said.join()).toContain("has used nothing in 2025-12");
  });
});

describe("muster cost", () => {
  const yaml = (more = "") =>
    `org: {name: acme, region: us-east-1}\nclusters:\n- {name: alpha, nodes: 4, instanceType: c5.xlarge${more}}\n`;
  const all = {
    ...{ ...PRICES, natGatewayHour: 0.045, natGatewayGb: 0.045, publicAddressHour: 0.005, kmsKeyMonth: 1 },
    ...{ efsGbMonth: 0.3, volumeGbMonth: 0.08 },
  };
  const cost = (...args: string[]) => world.run("cost", "--json", ...args);
  const estimate = () => JSON.parse(world.out) as { items: { what: string; usdPerMonth: number | null }[] };
  beforeEach(() => {
    world.files.set("muster.yaml", Buffer.from(yaml()));
    world.prices = all;
  });

  test("is nodes and volumes for the hours they run, and the org's things for the whole month", async () => {
    expect(await cost("--hours", "100", "--efs-gb", "20")).toBe(0);
    const of = Object.fromEntries(estimate().items.map(({ what, usdPerMonth }) => [what, usdPerMonth]));
    expect(of["c5.xlarge nodes"]).toBeCloseTo(4 * 0.6 * 100);
    expect(of["root volumes of 30 GiB"]).toBeCloseTo((4 * 30 * 0.08 * 100) / 730);
    expect(of["NAT gateway"]).toBeCloseTo(0.045 * 730);
    expect(of["its public address"]).toBeCloseTo(0.005 * 730);
    expect(of["KMS key"]).toBeCloseTo(1);
    expect(of["GB on the file system"]).toBeCloseTo(6);
    expect(JSON.parse(world.out)).toMatchObject({ hours: 100, usdPerHour: expect.any(Number) });
  });

  test("says which price is missing, and ends 1", async () => {
    world.prices = { region: "us-east-1", nodeHour: {} };
    expect(await cost()).toBe(1);
    expect(estimate().items[0]).toMatchObject({ what: "c5.xlarge nodes", usdPerMonth: null });
  });

  test("counts public addresses, and says that spot costs less", async () => {
    const keys =
      'access: {sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA a"], allowFrom: ["203.0.113.7/32"]}';
    world.files.set("muster.yaml", Buffer.from(yaml(`, spot: true, ${keys}`)));
    await cost();
    expect([estimate().items.map(({ what }) => what), world.said.join()]).toEqual([
      expect.arrayContaining(["public addresses"]),
      expect.stringContaining("Spot nodes cost less than shown"),
    ]);
  });

  test("of a file with problems names each", async () => {
    world.files.set("muster.yaml", Buffer.from(yaml(", zone: 7, colour: red")));
    expect(await cost()).toBe(2);
    expect(world.said.join("\n")).toMatch(/zone[\s\S]*colour|colour[\s\S]*zone/);
  });

  test.each([
    ["--hours", "731"],
    ["--efs-gb", "-1"],
  ])("%s %s is invalid", async (...args) => {
    expect(await cost(...args)).toBe(2);
  });
});
