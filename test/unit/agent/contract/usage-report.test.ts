import { describe, expect, test } from "@jest/globals";
import {
  clusterParts,
  costOf,
  type JobUsagePart,
  jobPart,
  jobParts,
  monthProblem,
  sumUsage,
  type UsagePart,
  type UsingJob,
} from "../../../../agent/contract/usage-report.js";
import { jobRecords, usageWrites } from "../../../../agent/contract/writes/usage.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const NOW = new Date("2026-11-20T00:00:00.000Z");
const part = (values: Partial<UsagePart> = {}): UsagePart => ({
  ...{ clusterUuid: "u", clusterName: "alpha", instanceType: "c5.xlarge", nodes: 2 },
  ...{ from: "2026-11-01T00:00:00.000Z", to: "2026-11-01T01:00:00.000Z" },
  ...values,
});
const open = (since: string) => ({
  uuid: "u",
  name: "alpha",
  usage: { open: { since, nodes: 2, instanceType: "c5.xlarge" }, toRecord: [] },
});
const interval = (from: string, to: string) => ({
  ...{ instanceType: "c5.xlarge", nodes: 2, from, to, endedBecause: "parked" as const },
});

describe("what clusters have used in a month", () => {
  test("is their records, and what has none yet of those that there are", () => {
    const record = part();
    const cluster = {
      ...open("2026-11-19T23:00:00.000Z"),
      usage: {
        open: open("2026-11-19T23:00:00.000Z").usage.open,
        toRecord: [interval("2026-11-02T00:00:00.000Z", "2026-11-02T00:30:00.000Z")],
      },
    };
    const parts = clusterParts([record], [cluster], "2026-11", NOW);
    expect(parts.map(({ from, to }) => [from, to])).toEqual([
      ["2026-11-02T00:00:00.000Z", "2026-11-02T00:30:00.000Z"],
      ["2026-11-19T23:00:00.000Z", NOW.toISOString()],
      [record.from, record.to],
    ]);
  });

  test("has an interval once that was just recorded and is still in META", () => {
    const { from, to } = part();
    const cluster = { uuid: "u", name: "alpha", usage: { open: null, toRecord: [interval(from, to)] } };
    expect(clusterParts([part()], [cluster], "2026-11", NOW)).toEqual([part()]);
  });

  test("does not grow while a cluster is parked", () => {
    const parked = { uuid: "u", name: "alpha", usage: { open: null, toRecord: [] } };
    const at = (now: string) => clusterParts([part()], [parked], "2026-11", new Date(now));
    expect(at("2026-11-20T01:00:00.000Z")).toEqual(at("2026-11-20T00:00:00.000Z"));
  });

  test("is none of a cluster that never had its nodes", () => {
    expect(clusterParts([], [{ uuid: "u", name: "alpha" }], "2026-11", NOW)).toEqual([]);
  });

  test("is cut at both ends of the month, and the months add up", () => {
    const cluster = open("2026-10-31T23:00:00.000Z");
    const ofMonth = (month: string) =>
      clusterParts([], [cluster], month, new Date("2026-12-01T01:00:00.000Z"));
    expect(ofMonth("2026-11")).toMatchObject([
      { from: "2026-11-01T00:00:00.000Z", to: "2026-12-01T00:00:00.000Z" },
    ]);
    const minutes = ["2026-10", "2026-11", "2026-12"].map(
      (month) =>
        sumUsage(
          ofMonth(month),
          () => "all",
          () => null,
        )[0]?.minutes ?? 0,
    );
    expect(minutes).toEqual([2 * 60, 2 * 60 * 24 * 30, 2 * 60]);
    expect(ofMonth("2026-09")).toEqual([]);
  });
});

describe("what jobs have used", () => {
  const usage = { nodes: 1, silentNodes: 1, peakMemoryBytes: null, peakMemoryAddress: null, cpuSeconds: 1 };
  const job: UsingJob = {
    ...{ id: "j", submittedBy: "ada", usage },
    ...{ claimedAt: "2026-11-01T00:00:00.000Z", endedAt: "2026-11-01T00:10:00.000Z" },
  };

  test("is all of their nodes from the claim to the end", () => {
    expect(jobPart(job, part())).toMatchObject({
      ...{ jobId: "j", submittedBy: "ada", nodes: 2 },
      ...{ from: job.claimedAt, to: job.endedAt },
    });
  });

  test("is recorded for the month of its end, of each job that has used something", () => {
    const cluster = clusterItem();
    const of = (id: string, more: Partial<UsingJob> = {}) => ({ ...job, id, ...more });
    const jobs = [of("a"), of("none", { usage: null }), of("b", { endedAt: "2026-12-01T00:10:00.000Z" })];
    expect(jobRecords(cluster, jobs, "c5.xlarge")).toEqual(
      [jobs[0], jobs[2]].map((one) => {
        const used = jobPart(one as UsingJob, {
          ...{ clusterUuid: cluster.uuid, clusterName: cluster.name, instanceType: "c5.xlarge" },
        });
        if (used === null) throw new Error("no part");
        return usageWrites.recordJob({ ...used, month: used.to.slice(0, 7), org: cluster.org });
      }),
    );
  });

  test.each<Partial<UsingJob>>([{ endedAt: null }, { claimedAt: null }, { usage: null }])(
    "is nothing where %j",
    (values) => {
      expect(jobPart({ ...job, ...values }, part())).toBeNull();
    },
  );

  test("counts a job once that has a record, and is still there while its cluster goes", () => {
    const used = jobPart(job, part()) as JobUsagePart;
    expect(jobParts([used, used], "2026-11")).toEqual([used]);
    expect(jobParts([used], "2026-12")).toEqual([]);
  });
});

describe("sums", () => {
  const third = { to: "2026-11-01T00:00:20.000Z", nodes: 1 };

  test("are rounded once, so three parts of 20 s are a minute", () => {
    const parts = [part(third), part(third), part(third)];
    expect(
      sumUsage(
        parts,
        () => "all",
        () => null,
      ),
    ).toMatchObject([{ minutes: 1, costUsd: null }]);
  });

  test("have the most first, and say whose they are where it is one cluster's", () => {
    const rows = sumUsage(
      [part(), part({ clusterUuid: "v", clusterName: "beta", nodes: 8 }), part({ instanceType: "m5.large" })],
      ({ clusterName }) => clusterName,
      () => 1,
    );
    expect(rows).toEqual([
      { key: "beta", clusterUuid: "v", instanceTypes: ["c5.xlarge"], minutes: 480, costUsd: 8 },
      { key: "alpha", clusterUuid: "u", instanceTypes: ["c5.xlarge", "m5.large"], minutes: 240, costUsd: 4 },
    ]);
  });

  test("cost what node hours cost, to the cent; one type without a price leaves the sum open", () => {
    const price = (type: string) => (type === "c5.xlarge" ? 0.17 : null);
    expect(costOf([part()], price)).toBe(0.34);
    expect(costOf([part(), part({ instanceType: "odd" })], price)).toBeNull();
    expect(costOf([], price)).toBe(0);
  });
});

test.each([
  ["2026-11", true],
  ["2026-13", false],
  ["2026-1", false],
  ["november", false],
])("%s is a month: %s", (text, is) => {
  expect(monthProblem(text) === null).toBe(is);
});
