import { expect, test } from "@jest/globals";
import { type NodeUsage, totalUsage } from "../../../../agent/contract/job-usage.js";

const used = (address: string, peakMemoryBytes: number | null, cpuSeconds: number): NodeUsage => ({
  ...{ address, peakMemoryBytes, cpuSeconds },
});

test.each<[string, NodeUsage[], number, ReturnType<typeof totalUsage>]>([
  ["no node", [], 2, null],
  [
    "one of two",
    [used("a", 7, 0.1)],
    2,
    { nodes: 1, silentNodes: 1, peakMemoryBytes: 7, peakMemoryAddress: "a", cpuSeconds: 0.1 },
  ],
  [
    "two",
    [used("a", 7, 0.1), used("b", 9, 0.2)],
    2,
    { nodes: 2, silentNodes: 0, peakMemoryBytes: 9, peakMemoryAddress: "b", cpuSeconds: 0.3 },
  ],
  [
    "two that need as much: the first is named",
    [used("a", 7, 1), used("b", 7, 2)],
    2,
    { nodes: 2, silentNodes: 0, peakMemoryBytes: 7, peakMemoryAddress: "a", cpuSeconds: 3 },
  ],
  [
    "nodes whose kernel counts no memory",
    [used("a", null, 1), used("b", null, 2)],
    2,
    { nodes: 2, silentNodes: 0, peakMemoryBytes: null, peakMemoryAddress: null, cpuSeconds: 3 },
  ],
  [
    "nodes of which one counts memory",
    [used("a", null, 1), used("b", 0, 2)],
    2,
    { nodes: 2, silentNodes: 0, peakMemoryBytes: 0, peakMemoryAddress: "b", cpuSeconds: 3 },
  ],
  [
    "nodes of which the first counts memory",
    [used("a", 0, 1), used("b", null, 2)],
    2,
    { nodes: 2, silentNodes: 0, peakMemoryBytes: 0, peakMemoryAddress: "a", cpuSeconds: 3 },
  ],
])("the whole of what %s used", (_name, byNode, nodeCount, usage) => {
  expect(totalUsage(byNode, nodeCount)).toEqual(usage);
});
