import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { USAGE_ENDS, usageAt, usageItem, usageMinutes } from "../../../../agent/contract/usage.js";
import { closingRecords } from "../../../../agent/contract/writes/usage.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const TYPE = "c5.xlarge";
const READY = { clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2 } as const;
const at = (time: string) => new Date(`2026-11-26T${time}Z`);

/** META after each of these changes, at these times. */
function metaAfter(
  ...steps: readonly (readonly [time: string, change: Partial<ClusterItem>])[]
): ClusterItem {
  let meta = clusterItem({ clusterStatus: "INPROGRESS" });
  for (const [time, change] of steps) {
    const now = time.length > 12 ? new Date(time) : at(time);
    meta = { ...meta, statusChangedAt: now.toISOString(), ...change };
    const usage = usageAt(meta, TYPE, now);
    if (usage !== undefined) meta = { ...meta, usage };
  }
  return meta;
}
const iso = (time: string) => at(time).toISOString();
const part = (from: string, to: string, nodes: number, endedBecause: string) => ({
  ...{ from: iso(from), to: iso(to), nodes, endedBecause, instanceType: TYPE },
});

describe("a cluster's usage", () => {
  test.each<[string, Partial<ClusterItem>]>([
    ["is being made", {}],
    ["could not be made", { clusterStatus: "FAILED" }],
    ["could not be made and is removed", { clusterStatus: "REMOVING", desiredNodes: 0 }],
    ["is parked", { clusterStatus: "PARKED", desiredNodes: 0 }],
  ])("is none while it %s", (_name, change) => {
    expect(metaAfter(["10:00:00", change]).usage).toBeUndefined();
  });

  test("begins when all nodes that were asked for are ready", () => {
    expect(metaAfter(["10:00:00", READY]).usage).toEqual({
      open: { since: iso("10:00:00"), nodes: 2, instanceType: TYPE },
      toRecord: [],
    });
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["a node fails its probes", { phase: "degraded" }],
    ["it is resized, until the new nodes are ready", { clusterStatus: "INPROGRESS", desiredNodes: 4 }],
    ["a resize fails", { clusterStatus: "FAILED", desiredNodes: 4 }],
  ])("goes on as it was while %s", (_name, change) => {
    const ready = metaAfter(["10:00:00", READY]);
    expect(metaAfter(["10:00:00", READY], ["10:05:00", change]).usage).toEqual(ready.usage);
  });

  test("that is over stays the same value, however often it is looked at", () => {
    const parked = metaAfter(["10:00:00", READY], ["10:30:00", { clusterStatus: "PARKED" }]);
    expect(usageAt(parked, TYPE, at("11:00:00"))).toBe(parked.usage);
  });

  test.each([
    [23, 24],
    [24, 24],
  ])("with %d intervals to record has %d after a change of size", (before, after) => {
    const toRecord = Array.from({ length: before }, () => part("09:00:00", "09:01:00", 2, "resized"));
    const usage = { open: { since: iso("10:00:00"), nodes: 2, instanceType: TYPE }, toRecord };
    const meta = clusterItem({ ...READY, desiredNodes: 4, usage: usage as never });
    expect(usageAt(meta, TYPE, at("11:00:00"))?.toRecord).toHaveLength(after);
  });

  test("follows the size, without a gap", () => {
    expect(metaAfter(["10:00:00", READY], ["10:30:00", { desiredNodes: 4 }]).usage).toEqual({
      open: { since: iso("10:30:00"), nodes: 4, instanceType: TYPE },
      toRecord: [part("10:00:00", "10:30:00", 2, "resized")],
    });
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["parked", { clusterStatus: "PARKED", desiredNodes: 0 }],
    ["removed", { clusterStatus: "REMOVING" }],
    ["removed", { clusterStatus: "INPROGRESS", phase: "draining", desiredNodes: 0 }],
  ])("ends when it is %s, however late that is seen, and once", (why, change) => {
    const asked = { ...change, statusChangedAt: iso("11:00:00") };
    const ended = { open: null, toRecord: [part("10:00:00", "11:00:00", 2, why)] };
    expect(metaAfter(["10:00:00", READY], ["11:00:07", asked]).usage).toEqual(ended);
    expect(metaAfter(["10:00:00", READY], ["11:00:07", asked], ["12:00:00", asked]).usage).toEqual(ended);
  });

  test("of a parked cluster begins anew when it has its nodes back, and nothing is used in between", () => {
    const { usage } = metaAfter(
      ["10:00:00", READY],
      ["11:00:00", { clusterStatus: "PARKED", desiredNodes: 0 }],
      ["15:00:00", { clusterStatus: "INPROGRESS", desiredNodes: 2 }],
      ["15:02:00", READY],
    );
    expect(usage?.open?.since).toBe(iso("15:02:00"));
    expect(usage?.toRecord).toEqual([part("10:00:00", "11:00:00", 2, "parked")]);
  });

  test("is cut at the end of each month, to the millisecond, even if no head was there", () => {
    const { usage } = metaAfter(["10:00:00", READY], ["2027-01-15T08:00:00Z", {}]);
    expect(usage?.open?.since).toBe("2027-01-01T00:00:00.000Z");
    expect(usage?.toRecord.map(({ from, to, endedBecause }) => [from, to, endedBecause])).toEqual([
      [iso("10:00:00"), "2026-12-01T00:00:00.000Z", "month-end"],
      ["2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", "month-end"],
    ]);
  });

  test("has no interval that ends before it begins, where clocks disagree", () => {
    const parked = { clusterStatus: "PARKED", desiredNodes: 0, statusChangedAt: iso("09:59:00") } as const;
    expect(metaAfter(["10:00:00", READY], ["10:01:00", parked]).usage).toEqual({ open: null, toRecord: [] });
  });

  test("does not pile up in META where nothing can be recorded", () => {
    const steps = Array.from({ length: 40 }, (_, n) => {
      const time = `10:${String(n).padStart(2, "0")}:00`;
      return [time, { ...READY, desiredNodes: 1 + (n % 2) }] as const;
    });
    expect(metaAfter(...steps).usage?.toRecord.length).toBeLessThanOrEqual(25);
  });
});

describe("usage records", () => {
  test("say one of four reasons for their end", () => {
    expect(USAGE_ENDS).toEqual(["resized", "month-end", "parked", "removed"]);
  });

  test("of one interval have one key, by its begin, and a month", () => {
    const removed = metaAfter(["10:00:00", READY], ["11:00:00", { clusterStatus: "REMOVING" }]);
    // As the head writes them, and as Terraform does from a META whose interval is still open.
    const early = { ...removed, usage: metaAfter(["10:00:00", READY]).usage } as ClusterItem;
    expect(closingRecords(early)).toEqual(closingRecords(removed));
    expect(closingRecords(removed)).toMatchObject([
      {
        key: { pk: `USAGE#${removed.uuid}`, sk: iso("10:00:00") },
        item: { month: "2026-11", clusterName: removed.name, org: removed.org, nodes: 2 },
        condition: { is: "absent", path: "pk" },
      },
    ]);
    expect(closingRecords(clusterItem())).toEqual([]);
  });

  test("keep a month's name from their begin", () => {
    const interval = part("10:00:00", "11:00:00", 1, "parked") as Parameters<typeof usageItem>[1];
    expect(usageItem(clusterItem(), interval).month).toBe("2026-11");
  });

  test("are rounded to the nearest minute together, so parts add up to the whole", () => {
    const cut = ["10:00:00", "10:00:20", "10:00:40", "10:01:29"];
    const parts = cut.slice(1).map((to, n) => ({ from: iso(cut[n] ?? ""), to: iso(to), nodes: 3 }));
    expect(usageMinutes(parts)).toBe(4);
    expect(usageMinutes([{ from: iso("10:00:00"), to: iso("10:01:29"), nodes: 3 }])).toBe(4);
  });
});
