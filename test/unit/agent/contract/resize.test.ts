import { expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { isShrinking, nameJobs, settleGroup, watchShrink } from "../../../../agent/contract/resize.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const fleet = { owner: "o", group: "g", nodes: 2, since: "" };
const of = (change: Partial<ClusterItem>) =>
  clusterItem({ fleet, clusterStatus: "INPROGRESS", headInstanceId: "i-1", desiredNodes: 1, ...change });
const surplus = because("nodes-surplus", "2 of 1 nodes are ready");

test.each<[string, Partial<ClusterItem>, readonly string[], number, readonly string[]]>([
  ["its head ends the surplus", surplus, [], 59_000, ["held", "held"]],
  ["its head has ended the surplus", { clusterStatus: "FINISHED" }, [], 0, ["done", "done"]],
  ["its head does not get on, as one too old for it", surplus, [], 61_000, ["held", "free"]],
  ["its head does not get on for a minute", surplus, [], 60_000, ["held", "free"]],
  ["its head does not answer for half a minute", {}, [], 30_000, ["held", "free"]],
  ["its head has not seen it yet", {}, [], 29_000, ["held", "held"]],
  ["its head does not answer", {}, [], 31_000, ["held", "free"]],
  ["a job runs, however long", surplus, ["j"], 3_600_000, ["held", "held"]],
  ["a job runs, and no head is left", { headInstanceId: null }, ["j"], 3_600_000, ["held", "held"]],
  ["there is no head", { headInstanceId: null }, [], 0, ["held", "free"]],
  ["another size is wanted", { desiredNodes: 3 }, [], 0, ["superseded", "superseded"]],
  ["the resize has failed", { clusterStatus: "FAILED" }, [], 61_000, ["superseded", "superseded"]],
  ["it is removed", { clusterStatus: "REMOVING" }, [], 0, ["superseded", "superseded"]],
])("of a cluster that shrinks: %s", async (_name, change, jobs, passedMs, expected) => {
  let nowMs = 0;
  const control = { readCluster: async () => of(change), runningJobs: async () => jobs };
  const look = watchShrink(1, control, () => nowMs);
  const first = await look();
  nowMs = passedMs;
  expect([first.is, (await look()).is]).toEqual(expected);
});

test.each<[string, Partial<ClusterItem>, boolean]>([
  ["that is to have fewer nodes, by its head", {}, true],
  ["that is to have none: who parks or removes it ends them", { desiredNodes: 0 }, false],
  ["that was not asked to", { shrinksFrom: undefined } as never, false],
  ["that is done with it", { clusterStatus: "FINISHED" }, false],
  ["that is in another phase", { phase: "draining" }, false],
])("a cluster shrinks %s", (_name, change, expected) => {
  const asked = of({ phase: "waiting-for-nodes", shrinksFrom: 2, ...change });
  expect(isShrinking(asked)).toBe(expected);
});

test("what a shrinking cluster waits for is the end of its jobs, else its head", async () => {
  const waits = async (jobs: readonly string[]) => {
    const control = { readCluster: async () => of(surplus), runningJobs: async () => jobs };
    const found = await watchShrink(1, control, () => 0)();
    return found.is === "held" ? found.what : found.is;
  };
  expect(await waits(["a"])).toBe("the end of job a (2 of 1 nodes are ready)");
  expect(await waits([])).toBe("its head node (2 of 1 nodes are ready)");
});

test("a cluster that is gone shrinks no more", async () => {
  const control = { readCluster: async () => null, runningJobs: async () => [] };
  expect(await watchShrink(1, control, () => 0)()).toEqual({ is: "superseded" });
});

test("a head that ends one node after the other gets on", async () => {
  let nowMs = 0;
  let knownNodes = 9;
  const control = { readCluster: async () => of({ ...surplus, knownNodes }), runningJobs: async () => [] };
  const look = watchShrink(1, control, () => nowMs);
  for (; knownNodes > 2; knownNodes -= 1) {
    nowMs += 40_000;
    expect((await look()).is).toBe("held");
  }
});

test("what is waited for names the jobs, and what the head says of the nodes", async () => {
  const reason = "3 nodes are there, and 1 wanted; i-2 goes when the job on it has ended";
  const readCluster = async () => of(because("nodes-surplus", reason));
  const look = watchShrink(1, { readCluster, runningJobs: async () => ["j1", "j2"] }, () => 0);
  expect(await look()).toEqual({
    ...{ is: "held", jobs: ["j1", "j2"] },
    what: `the end of jobs j1, j2 (${reason})`,
  });
});

test.each([
  [["a"], "job a"],
  [["a", "b", "c", "d", "e"], "jobs a, b, c, d, e"],
  [["a", "b", "c", "d", "e", "f", "g"], "jobs a, b, c, d, e and 2 more"],
])("%j are %s", (jobs, expected) => {
  expect(nameJobs(jobs)).toBe(expected);
});

test.each<[string, Partial<ClusterItem>, number | null, readonly number[]]>([
  ["is left to its head", { shrinksFrom: 3 }, null, []],
  ["whose resize has failed is left alone", { shrinksFrom: 3, clusterStatus: "FAILED" }, null, []],
  ["that no head makes smaller is set", { shrinksFrom: 3 }, 1, [1]],
  ["that another has made smaller since is left to its head", { shrinksFrom: 3 }, 2, []],
  [
    "that its head has made smaller gets its maximum",
    { shrinksFrom: 3, clusterStatus: "FINISHED" },
    null,
    [1],
  ],
])("a group that becomes smaller and %s", async (_name, change, free, expected) => {
  const sizes: number[] = [];
  const resizeGroup = async (_group: string, size: number) => void sizes.push(size);
  await settleGroup({ readCluster: async () => of(change), resizeGroup }, free);
  expect(sizes).toEqual(expected);
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

test("the group is set ten times at most, where another size is asked for each time", async () => {
  const sizes: number[] = [];
  let desiredNodes = 0;
  const control = {
    readCluster: async () => of({ desiredNodes: ++desiredNodes }),
    resizeGroup: async (_group: string, size: number) => void sizes.push(size),
  };
  await expect(settleGroup(control)).rejects.toThrow("asked for all the time (cluster demo)");
  expect(sizes).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("the group of a cluster that is being removed is left alone", async () => {
  const readCluster = async () => of({ clusterStatus: "REMOVING" });
  const resizeGroup = async () => {
    throw new Error("it was set");
  };
  expect(await settleGroup({ readCluster, resizeGroup })).toBeNull();
});
