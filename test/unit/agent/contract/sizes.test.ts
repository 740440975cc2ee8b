import { describe, expect, test } from "@jest/globals";
import { QUEUE_ATTRIBUTES } from "../../../../agent/contract/job-problems.js";
import { INDEXES, partitionKeyed, QUEUE_INDEX } from "../../../../agent/contract/keys.js";
import { planObservation } from "../../../../agent/head/observation.js";
import { clusterItem, nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";

/** What DynamoDB counts of an item's size, near enough: names and values as UTF-8, a few bytes a number or a level. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + bytesOf(item), 3);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).reduce((sum, [name, item]) => sum + bytesOf(name) + 1 + bytesOf(item), 3);
  return typeof value === "number" ? 4 : 1;
}

const NODES = 1_000;
const node = (n: number, isReady: boolean) =>
  nodeSummary(`i-${String(n).padStart(17, "0")}`, {
    address: `10.0.${n >> 8}.${n & 255}`,
    hostname: `ip-10-0-${n >> 8}-${n & 255}.eu-central-1.compute.internal`,
    ...(isReady ? {} : { state: "unready", failingProbes: ["shared-folder", "registry", "mpi"] }),
  });

describe("with 1,000 nodes", () => {
  const view = (isReady: boolean) => {
    const nodes = Array.from({ length: NODES }, (_, n) => node(n, isReady));
    const hostfileNodes = isReady ? nodes : [];
    return {
      headInstanceId: "i-0",
      leaseGeneration: 1,
      isJobRunning: false,
      nodes,
      hostfileNodes,
      logBucket: "l".repeat(63),
      instanceType: "hpc7a.96xlarge",
      surplus: null,
    };
  };

  test.each([
    ["all ready", true],
    ["none ready", false],
  ])("META is as small as with one, %s: a read of it costs one unit", (_name, isReady) => {
    const meta = clusterItem({ desiredNodes: NODES });
    const written = { ...meta, ...planObservation(meta, view(isReady), new Date())?.changes };
    expect(bytesOf(written)).toBeLessThan(2_000);
  });

  test("a job that starts, or a cluster that drains, changes no node's item", () => {
    const asWritten = nodeItem(node(1, true));
    for (const state of ["busy", "draining"] as const)
      expect(nodeItem({ ...node(1, true), state })).toEqual(asWritten);
  });

  test("a node that a launch reaches reads one item, of a few hundred bytes", () => {
    const item = { ...nodeItem(node(1, false)), ...partitionKeyed(clusterItem().uuid, "NODE#i-1") };
    expect(bytesOf(item)).toBeLessThan(400);
  });
});

describe("the indexes", () => {
  test("have what chooses the next job, and no more", () => {
    const keys = [QUEUE_INDEX.hashKey, QUEUE_INDEX.rangeKey];
    const chosenBy = QUEUE_ATTRIBUTES.filter((name) => !keys.includes(name as never));
    expect([...QUEUE_INDEX.attributes].sort()).toEqual([...chosenBy].sort());
  });

  test("include at most the 100 attributes that DynamoDB takes for a table's indexes together", () => {
    expect(INDEXES.flatMap(({ attributes }) => attributes).length).toBeLessThanOrEqual(100);
  });
});
