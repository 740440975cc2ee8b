import { describe, expect, test } from "@jest/globals";
import { isWhole } from "../../faults/whole.js";
import { nodeSummary, observedCluster } from "../../support/agent/cluster-item.js";

const whole = observedCluster({
  clusterStatus: "FINISHED",
  nodes: [nodeSummary("i-1"), nodeSummary("i-2")],
  hostfileNodes: 2,
  headInstanceId: "i-1",
});
const allOn = () => true;

describe("a cluster that a fault is done to", () => {
  test("is whole with all its nodes ready and there", () => {
    expect(isWhole(whole, 2, allOn)).toBe(true);
  });

  test("is whole while a node of an instance that is gone is still listed", () => {
    const gone = nodeSummary("i-0", { failingProbes: ["agent"], state: "unready" });
    const isOn = ({ id }: { id: string }) => id !== "i-0";
    expect(isWhole({ ...whole, nodes: [gone, ...whole.nodes] }, 2, isOn)).toBe(true);
  });

  // The row before has just had the node replaced, and the head has not missed it yet.
  test("is not whole while a node that is listed as ready has no power", () => {
    expect(isWhole(whole, 2, ({ id }) => id !== "i-2")).toBe(false);
  });

  test.each([
    ["its head is none of its nodes", { headInstanceId: "i-0" }],
    ["it has no head", { headInstanceId: null }],
    ["a job runs", { busy: true }],
    ["the hostfile is short", { hostfileNodes: 1 }],
    ["it is not ready", { clusterStatus: "INPROGRESS" as const }],
  ])("is not whole while %s", (_name, change) => {
    expect(isWhole({ ...whole, ...change }, 2, allOn)).toBe(false);
  });
});
