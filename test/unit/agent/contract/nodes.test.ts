import { describe, expect, test } from "@jest/globals";
import { isBinding } from "../../../../agent/contract/node-notice.js";
import { compareAddresses, summarizeNodes } from "../../../../agent/contract/nodes.js";
import type { ClusterItem, NodeItem } from "../../../../agent/contract/registry.js";
import { nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";

test("addresses are in the order of their numbers, the first of which counts most", () => {
  const inOrder = ["9.255.255.255", "10.0.0.9", "10.0.0.10", "10.0.2.1", "10.1.0.0", "192.168.0.0"];
  expect(inOrder.toReversed().sort(compareAddresses)).toEqual(inOrder);
  expect(compareAddresses("10.0.0.9", "10.0.0.9")).toBe(0);
});

describe("a node that a head has heard", () => {
  const drain = {
    ...({ reasonCode: "node-spot-interrupted", reason: "EC2 takes it" } as const),
    ...{ since: "2026-01-01T00:00:00.000Z", deadline: null, endedAt: null },
  };
  const ended = { ...drain, endedAt: "2026-01-01T00:02:00.000Z" };
  const failingProbes = ["shared"];

  test.each<[string, Partial<NodeItem>, Partial<ClusterItem>, string, string | null]>([
    ["runs no job", {}, {}, "ready", null],
    ["runs one", {}, { busy: true }, "busy", null],
    ["fails a probe", { failingProbes }, { busy: true }, "unready", "node-shared-unusable"],
    ["is to go", { drain, failingProbes }, {}, "draining", "node-spot-interrupted"],
    ["was given back", { drain: ended }, {}, "stopping", "node-spot-interrupted"],
    [
      "is of a cluster that is removed",
      { failingProbes },
      { clusterStatus: "REMOVING" },
      "draining",
      "node-shared-unusable",
    ],
  ])("and that %s", (_name, node, cluster, state, reasonCode) => {
    const item: NodeItem = { ...nodeItem(nodeSummary("i-1")), ...node };
    expect(summarizeNodes([item], { clusterStatus: "FINISHED", busy: false, ...cluster })).toEqual([
      nodeSummary("i-1", { failingProbes: item.failingProbes ?? [], state, reasonCode } as never),
    ]);
  });
});

test.each([
  ["spot-interruption", true],
  ["maintenance", true],
  ["rebalance", false],
] as const)("a notice of %s says that the node goes: %s", (kind, expected) => {
  expect(isBinding({ kind })).toBe(expected);
});
