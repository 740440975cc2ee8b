import { describe, expect, test } from "@jest/globals";
import type { NodeDrain } from "../../../../agent/contract/node-drain.js";
import { planSurplus, type SurplusNode } from "../../../../agent/head/surplus-plan.js";

const node = (id: string, change: Partial<SurplusNode> = {}): SurplusNode => ({
  ...{ id, failingProbes: [], drain: null, holdsWork: false, isSelf: false, isLost: false },
  bootedAt: "2026-01-01T00:00:00.000Z",
  ...change,
});
const drain = (reasonCode: NodeDrain["reasonCode"], endedAt: string | null = null): NodeDrain => ({
  ...{ reasonCode, reason: "why", since: "2026-01-01T00:00:00.000Z", deadline: null, endedAt },
});
const head = node("i-h", { isSelf: true, bootedAt: "2026-01-02T00:00:00.000Z" });
const chosen = (nodes: readonly SurplusNode[], wanted: number) => [...planSurplus(nodes, wanted)];

describe("of two nodes where one is to stay", () => {
  test.each<[string, SurplusNode, SurplusNode]>([
    [
      "what EC2 takes goes before what is lost",
      node("i-b", { drain: drain("node-spot-interrupted") }),
      node("i-a", { isLost: true }),
    ],
    [
      "what is drained as it fails goes, though it is the head",
      node("i-b", { isSelf: true, drain: drain("node-unready-too-long") }),
      node("i-a"),
    ],
    [
      "what is lost goes before what was chosen",
      node("i-b", { isLost: true }),
      node("i-a", { drain: drain("node-surplus") }),
    ],
    [
      "what was chosen goes before what fails since",
      node("i-b", { drain: drain("node-surplus") }),
      node("i-a", { failingProbes: ["mpi"] }),
    ],
    [
      "what fails goes before what is in order",
      node("i-b", { failingProbes: ["mpi"], holdsWork: true }),
      node("i-a"),
    ],
    ["what is set aside goes too", node("i-b", { failingProbes: ["preflight"] }), node("i-a")],
    [
      "what is without work goes before what a job uses, though it is older",
      node("i-b"),
      node("i-a", { holdsWork: true, bootedAt: "2026-01-03T00:00:00.000Z" }),
    ],
    ["the newest goes", node("i-b", { bootedAt: "2026-01-03T00:00:00.000Z" }), node("i-a")],
    ["of one age the first by name goes, whichever head chooses", node("i-a"), node("i-b")],
    [
      "never the head where another can go, though it is the newest and idle",
      node("i-b", { holdsWork: true }),
      head,
    ],
  ])("%s", (_name, goes, stays) => {
    expect(chosen([goes, stays], 1)).toEqual([goes.id]);
    expect(chosen([stays, goes], 1)).toEqual([goes.id]);
  });
});

test("as many go as are too many; what has been ended is not counted again", () => {
  const ended = node("i-e", { drain: drain("node-surplus", "2026-01-02T00:00:00.000Z") });
  const nodes = [head, ended, node("i-a"), node("i-b"), node("i-c")];
  expect(chosen(nodes, 2)).toEqual(["i-a", "i-b"]);
  expect(chosen(nodes, 4)).toEqual([]);
  expect(chosen(nodes, 9)).toEqual([]);
});

test("the same nodes go from look to look, and of more that are to go they are the first", () => {
  const nodes = [head, node("i-a"), node("i-b"), node("i-c")];
  const [first = ""] = chosen(nodes, 3);
  const next = nodes.map((each) =>
    each.id === first ? { ...each, drain: drain("node-surplus"), holdsWork: true } : each,
  );
  expect(chosen(next, 3)).toEqual([first]);
  expect(chosen(next, 2)[0]).toBe(first);
});
