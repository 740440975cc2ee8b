import { expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { settleGroup, watchShrink } from "../../../../agent/contract/resize.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const fleet = { owner: "o", group: "g", nodes: 2, since: "" };
const of = (change: Partial<ClusterItem>) =>
  clusterItem({ fleet, clusterStatus: "INPROGRESS", headInstanceId: "i-1", desiredNodes: 1, ...change });
const surplus = because("nodes-surplus", "2 of 1 nodes are ready");

test.each<[string, Partial<ClusterItem>, readonly string[], number, readonly string[]]>([
  ["the head has seen it", surplus, [], 0, ["held", "free"]],
  ["the head has not seen it", {}, [], 0, ["held", "held"]],
  ["the head does not answer", {}, [], 31_000, ["held", "free"]],
  ["a job runs, however long", surplus, ["j"], 31_000, ["held", "held"]],
  ["there is no head", { headInstanceId: null }, [], 0, ["held", "free"]],
  ["another size is wanted", { desiredNodes: 3 }, [], 0, ["superseded", "superseded"]],
  ["it is removed", { clusterStatus: "REMOVING" }, [], 0, ["superseded", "superseded"]],
])("a group may shrink where %s", async (_name, change, jobs, passedMs, expected) => {
  let nowMs = 0;
  const control = { readCluster: async () => of(change), runningJobs: async () => jobs };
  const look = watchShrink(1, control, () => nowMs);
  nowMs = passedMs;
  const seen = [(await look()).is, (await look()).is];
  expect(seen).toEqual(expected);
});

test("the group ends at the size that was written last, whatever comes in between", async () => {
  const wanted = [4, 6, 6];
  const sizes: number[] = [];
  let reads = 0;
  const last = await settleGroup({
    readCluster: async () => of({ desiredNodes: wanted[Math.min(reads++, 2)] ?? 6 }),
    resizeGroup: async (_group, size) => void sizes.push(size),
  });
  expect([last?.desiredNodes, sizes]).toEqual([6, [4, 6]]);
});

test("the group of a cluster that is being removed is left alone", async () => {
  const readCluster = async () => of({ clusterStatus: "REMOVING" });
  const resizeGroup = async () => {
    throw new Error("it was set");
  };
  expect(await settleGroup({ readCluster, resizeGroup })).toBeNull();
});
