import { describe, expect, test } from "@jest/globals";
import type { NodeDrain } from "../../../../agent/contract/node-drain.js";
import { summarizeNodes } from "../../../../agent/contract/nodes.js";
import { type NodeItem, type NodeSummary, nodeSk } from "../../../../agent/contract/registry.js";
import { createNodeRecords, type NodeStore } from "../../../../agent/head/node-records.js";
import { clusterItem, nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";
import { memoryNodes } from "../../../support/memory-nodes.js";
import { memoryItems, memoryTable } from "../../../support/memory-table.js";

const FORGET_MS = 600_000;
const always = () => true;

/** A term's records on items in memory; `calls` has what was read and written. */
function recordsOf(...before: NodeItem[]) {
  const table = memoryTable();
  const items = memoryItems<NodeItem>(table, nodeSk);
  for (const item of before) items.set(item.instanceId, item);
  const nodes = memoryNodes(table);
  const calls: string[] = [];
  const clock = manualClock();
  const fault = { isDown: false };
  const store: NodeStore = {
    readNodes() {
      calls.push("read");
      return nodes.readNodes();
    },
    async reportNode(generation, report) {
      if (fault.isDown) throw new Error("throttled");
      calls.push(`report ${report.instanceId}`);
      return nodes.reportNode(generation, report);
    },
    forgetNode(generation, id) {
      calls.push(`forget ${id}`);
      return nodes.forgetNode(generation, id);
    },
  };
  const records = createNodeRecords(store, 3, clock, FORGET_MS);
  const publish = (seen: readonly NodeSummary[], leaveSilent = false, isCurrent = always) =>
    records.publish(seen, leaveSilent, isCurrent);
  return { items, calls, clock, fault, records, publish };
}

const a = nodeSummary("i-a");
const b = nodeSummary("i-b", { address: "10.0.0.2" });
const silent = nodeSummary("i-b", { address: "10.0.0.2", state: "unready", failingProbes: ["heartbeat"] });

describe("the nodes' items", () => {
  test("are written where they have changed, and else not at all", async () => {
    const { publish, calls, items } = recordsOf(nodeItem(a));
    await publish([a, b]);
    expect(calls).toEqual(["read", "report i-b"]);
    expect(items.get("i-b")).toEqual({ ...nodeItem(b), leaseGeneration: 3 });
    await publish([a, b]);
    await publish([
      { ...a, state: "busy" },
      { ...b, state: "busy" },
    ]);
    expect(calls).toHaveLength(2);
    await publish([a, silent]);
    expect(calls.slice(2)).toEqual(["report i-b"]);
  });

  test("of nodes that have left are deleted, and with them what nodes said that no head ever heard", async () => {
    const { failingProbes: _, ...unheard } = nodeItem(b);
    const { publish, calls, items, clock } = recordsOf(nodeItem(a), unheard);
    clock.advance(FORGET_MS);
    await publish([]);
    expect(calls).toEqual(["read", "forget i-a"]);
    clock.advance(FORGET_MS - 1);
    await publish([]);
    expect(calls.slice(2)).toEqual(["read"]);
    clock.advance(1);
    await publish([]);
    expect(calls.slice(3)).toEqual(["forget i-b"]);
    expect(items.size).toBe(0);
  });

  test("of a thousand replaced nodes leave no trace", async () => {
    const { publish, items } = recordsOf();
    for (let round = 0; round < 20; round += 1)
      await publish(Array.from({ length: 50 }, (_, n) => nodeSummary(`i-${round}-${n}`)));
    expect(items.size).toBe(50);
  });

  test("are left as they are of nodes that may be about to come, when the head is new", async () => {
    const { publish, calls } = recordsOf(nodeItem(a), nodeItem(b));
    await publish([a, silent], true);
    expect(calls).toEqual(["read"]);
    await publish([a, silent]);
    expect(calls).toEqual(["read", "report i-b"]);
  });

  test("are read again each minute, which repairs what others did to them", async () => {
    const { publish, calls, items, clock } = recordsOf(nodeItem(a));
    await publish([a]);
    items.delete("i-a");
    clock.advance(59_999);
    await publish([a]);
    expect(calls).toEqual(["read"]);
    clock.advance(1);
    await publish([a]);
    expect(calls).toEqual(["read", "read", "report i-a"]);
  });

  test("that a newer head wrote stay its own, and are not tried again at once", async () => {
    const { publish, calls, items } = recordsOf({ ...nodeItem(a), leaseGeneration: 9 });
    await publish([{ ...a, failingProbes: ["shared"] }]);
    await publish([{ ...a, failingProbes: ["shared"] }]);
    expect(calls).toEqual(["read", "report i-a"]);
    expect(items.get("i-a")?.failingProbes).toEqual([]);
  });

  test("are written by the next call where the registry did not answer", async () => {
    const { publish, items, fault } = recordsOf();
    fault.isDown = true;
    await expect(publish([a, b])).rejects.toThrow("throttled");
    fault.isDown = false;
    await publish([a, b]);
    expect(
      items
        .values()
        .map(({ instanceId }) => instanceId)
        .sort(),
    ).toEqual(["i-a", "i-b"]);
  });

  test("are not written any more once the term is over", async () => {
    const { publish, calls } = recordsOf();
    await publish([a, b], false, () => false);
    expect(calls).toEqual(["read"]);
  });

  test("tell a new head which nodes there were", async () => {
    const { failingProbes: _, ...unheard } = nodeItem(b);
    const { records } = recordsOf({ ...nodeItem(a), leaseGeneration: 2, bootId: "x" }, unheard);
    expect(await records.inherited()).toEqual([nodeItem(a)]);
  });
});

test("a drain is written with the node, read by the next head, and taken back where the node stays", async () => {
  const drain: NodeDrain = {
    ...{ reasonCode: "node-maintenance-due", reason: "why", since: "2026-01-01T00:00:00.000Z" },
    ...{ deadline: null, endedAt: null },
  };
  const { records, items, calls } = recordsOf();
  await records.publish([a, b], false, always, new Map([["i-b", drain]]));
  expect(items.get("i-b")).toMatchObject({ drain });
  const next = recordsOf(...items.values());
  expect((await next.records.inherited()).map(({ instanceId, drain: found }) => [instanceId, found])).toEqual(
    [
      ["i-a", undefined],
      ["i-b", drain],
    ],
  );
  expect(summarizeNodes([...items.values()], clusterItem())).toMatchObject([
    { id: "i-a", state: "ready" },
    { id: "i-b", state: "draining", reasonCode: "node-maintenance-due" },
  ]);
  await records.publish([a, b], false, always, new Map([["i-b", drain]]));
  expect(calls).toEqual(["read", "report i-a", "report i-b"]);
  await records.publish([a, b], false, always, new Map());
  await records.publish([a, b], false, always, new Map());
  expect(calls.slice(3)).toEqual(["report i-b"]);
  expect(items.get("i-b")?.drain).toBeNull();
});
