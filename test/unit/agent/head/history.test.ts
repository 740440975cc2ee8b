import { describe, expect, test } from "@jest/globals";
import type { NewEvent } from "../../../../agent/contract/event.js";
import { createHistory } from "../../../../agent/head/history.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";

const node = (n: number, failingProbes: readonly string[] = []) =>
  nodeSummary(`i-${n}`, {
    state: failingProbes.length === 0 ? "ready" : "unready",
    failingProbes: [...failingProbes],
  });

function history(inherited: readonly string[] = []) {
  const events: NewEvent[] = [];
  const made = createHistory((event) => events.push(event));
  made.begin(
    { id: "i-1" },
    3,
    inherited.map((id) => ({ id })),
  );
  return { ...made, events, texts: () => events.splice(0).map(({ code, text }) => `${code}: ${text}`) };
}

describe("a cluster's history", () => {
  test("says which node is head, which nodes join, fail and come back", () => {
    const { nodes, texts, events } = history();
    expect(events).toEqual([
      { code: "head-changed", text: "i-1 is head node, generation 3.", nodeId: "i-1" },
    ]);
    texts();
    nodes([node(1), node(2, ["shared"])]);
    expect(events).toEqual([
      { code: "node-joined", text: "i-1 is ready for the first time.", nodeId: "i-1" },
    ]);
    texts();
    nodes([node(1, ["heartbeat"]), node(2)]);
    expect(texts()).toEqual([
      "node-joined: i-2 is ready for the first time.",
      "node-unready: i-1 (heartbeat) is not ready any more.",
    ]);
    nodes([node(1), node(2)]);
    nodes([node(1), node(2)]);
    expect(texts()).toEqual([]);
  });

  test("does not tell of an earlier head's nodes again", () => {
    const { nodes, texts } = history(["i-1", "i-2"]);
    texts();
    nodes([node(1), node(2), node(3)]);
    expect(texts()).toEqual(["node-joined: i-3 is ready for the first time."]);
  });

  test("has one event, and so one write, of 1,000 nodes", () => {
    const { nodes, texts, events } = history();
    texts();
    nodes(Array.from({ length: 1_000 }, (_, n) => node(n)));
    expect(events).not.toContainEqual(expect.objectContaining({ nodeId: expect.anything() }));
    expect(texts()).toEqual(["node-joined: i-0, i-1, i-2, i-3, i-4, 995 more are ready for the first time."]);
  });

  test("says when the cluster gets ready, falls short and recovers", () => {
    const { written, texts } = history();
    texts();
    const waiting = clusterItem();
    const ready = clusterItem({ clusterStatus: "FINISHED", phase: "ready" });
    const short = { phase: "degraded", reason: "1 of 2 nodes are ready" } as const;
    written(waiting, { ...ready, leaseGeneration: 3 });
    written(ready, { leaseGeneration: 3, cores: 4 });
    written(ready, { leaseGeneration: 3, ...short });
    written({ ...ready, ...short }, { leaseGeneration: 3, phase: "ready", reason: null });
    expect(texts()).toEqual([
      "cluster-ready: All 2 nodes are ready.",
      "cluster-degraded: 1 of 2 nodes are ready.",
      "cluster-ready: All 2 nodes are ready.",
    ]);
  });
});
