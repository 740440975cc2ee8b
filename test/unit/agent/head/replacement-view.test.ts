import { describe, expect, test } from "@jest/globals";
import type { NodeDrain } from "../../../../agent/contract/node-drain.js";
import type { ClusterItem, NodeSummary } from "../../../../agent/contract/registry.js";
import { forgetMs, replacementLimits } from "../../../../agent/head/replacement-limits.js";
import { createReplacementViews } from "../../../../agent/head/replacement-view.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const self = nodeSummary("i-a");
const silent = nodeSummary("i-b", { state: "unready", failingProbes: ["heartbeat"] });

/** One head's views of a cluster that wants two nodes, on the node i-a. */
function views() {
  // A machine that has run for a while: times are counted from what was seen, not from its boot.
  const clock = manualClock(2 * HOUR_MS);
  const limits = replacementLimits(undefined);
  const made = createReplacementViews({ selfId: "i-a", limits, clock });
  const next = (
    nodes: readonly NodeSummary[],
    { bootedAt, ...meta }: Partial<ClusterItem> & { readonly bootedAt?: string } = {},
    drains: ReadonlyMap<string, NodeDrain> = new Map(),
  ) =>
    made.next(
      {
        meta: clusterItem({ clusterStatus: "FINISHED", phase: "ready", ...meta }),
        nodes,
        usableNodes: nodes.filter(({ state }) => state === "ready").length,
        noticesOf: () => [],
        holdsWork: () => false,
        bootedAtOf: () => bootedAt,
        generation: 3,
        isCurrent: () => true,
      },
      drains,
    );
  return { ...made, clock, next };
}
const ofNode = (view: ReturnType<ReturnType<typeof views>["next"]>, id: string) =>
  view.nodes.find((node) => node.id === id);

describe("a head's view of a node", () => {
  test.each([
    ["just silent", silent, 59_999, false],
    ["silent for a minute", silent, MINUTE_MS, true],
    ["that fails a probe and is heard", { ...silent, failingProbes: ["mpi"] }, 10 * MINUTE_MS, false],
  ])("%s: it is lost: %j for %i ms is %s", (_name, node, ms, isLost) => {
    const { next, clock } = views();
    next([self, node]);
    clock.advance(ms);
    expect(ofNode(next([self, node]), "i-b")?.isLost).toBe(isLost);
  });

  test("that has only just been seen silent is not lost", () => {
    const { next } = views();
    expect(ofNode(next([self, silent]), "i-b")?.isLost).toBe(false);
  });

  test("has its boot where it is known", () => {
    const { next } = views();
    const bootedAt = "2026-01-01T00:00:00.000Z";
    expect(ofNode(next([self], { bootedAt }), "i-a")?.bootedAt).toBe(bootedAt);
    expect(ofNode(next([self]), "i-a")).not.toHaveProperty("bootedAt");
  });

  test.each<[string, readonly NodeSummary[], boolean]>([
    ["to no one", [self], false],
    ["to one that is ready", [self, nodeSummary("i-b")], true],
    ["to one that works", [self, nodeSummary("i-b", { state: "busy" })], true],
    ["to no silent one", [self, silent], false],
    ["to no notebook's node", [self, nodeSummary("i-b", { kind: "notebook" })], false],
  ])("that is the head's own: it may hand over %s", (_name, nodes, mayHandOver) => {
    const view = views().next(nodes);
    expect(ofNode(view, "i-a")).toMatchObject({ isSelf: true, mayHandOver });
    for (const { isSelf, mayHandOver } of view.nodes.filter(({ id }) => id !== "i-a"))
      expect([isSelf, mayHandOver]).toEqual([false, false]);
  });
});

describe("a head keeps the nodes", () => {
  test.each<[string, Partial<ClusterItem>, boolean]>([
    ["of one that is ready", {}, true],
    ["of one of a single node", { desiredNodes: 1 }, true],
    ["not of one that wants none", { desiredNodes: 0 }, false],
    ["of one that waits for them", { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" }, true],
    ["not of one that is removed", { clusterStatus: "REMOVING", phase: "waiting-for-nodes" }, false],
    ["not of one that drains", { clusterStatus: "INPROGRESS", phase: "draining" }, false],
    ["not of one that wants none and waits", { clusterStatus: "INPROGRESS", desiredNodes: 0 }, false],
  ])("%s", (_name, meta, keepsNodes) => {
    expect(views().next([self], meta).keepsNodes).toBe(keepsNodes);
  });
});

describe("nodes that fail one after the other", () => {
  const failedBefore = (wholeMs: number, meta: Partial<ClusterItem> = {}) => {
    const { next, ended, clock } = views();
    next([self, silent]);
    ended("i-b");
    next([self, nodeSummary("i-c")]);
    clock.advance(wholeMs);
    next([self, nodeSummary("i-c")], meta);
    return ofNode(next([self, nodeSummary("i-d")]), "i-d")?.failedBefore;
  };

  test("are counted until nothing has been missing for an hour, or the fleet is protected", () => {
    expect(failedBefore(HOUR_MS - 1)).toBe(1);
    expect(failedBefore(HOUR_MS)).toBe(0);
    expect(failedBefore(0, { protectedSince: "2026-01-01T00:00:00.000Z" })).toBe(0);
  });
});

describe("how many had failed before a node came", () => {
  const failing = (id: string) => nodeSummary(id, { state: "unready", failingProbes: ["mpi"] });

  test("is one more in each one's place", () => {
    const { next, ended } = views();
    const seen = ["i-1", "i-2", "i-3", "i-4"].map((id) => {
      const found = ofNode(next([self, failing(id)]), id)?.failedBefore;
      ended(id);
      return found;
    });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test("is one of those that failed beside each other, and stays what it was when the node came", () => {
    const { next, ended } = views();
    next([failing("i-1"), failing("i-2"), failing("i-3")]);
    for (const id of ["i-1", "i-2"]) ended(id);
    const view = next([failing("i-3"), failing("i-4")]);
    expect(view.nodes.map(({ id, failedBefore }) => [id, failedBefore])).toEqual([
      ["i-3", 0],
      ["i-4", 1],
    ]);
  });
});

describe("the limits of a head's patience", () => {
  test("are in milliseconds", () => {
    expect(replacementLimits({ afterSeconds: 120, bootSeconds: 600, perHour: 2 })).toEqual({
      afterMs: 120_000,
      bootMs: 600_000,
      perHour: 2,
    });
    expect(replacementLimits({ afterSeconds: 120, bootSeconds: 600 }).perHour).toBeNull();
  });

  test.each([
    ["ten minutes", 1, 1, 10],
    ["twice the time after which it is replaced", 30, 15, 60],
    ["five minutes more than a boot may take", 5, 60, 65],
  ])("a lost node is listed for %s, where that is longest", (_name, after, boot, minutes) => {
    const limits = { afterMs: after * MINUTE_MS, bootMs: boot * MINUTE_MS, perHour: null };
    expect(forgetMs(limits)).toBe(minutes * MINUTE_MS);
  });
});
