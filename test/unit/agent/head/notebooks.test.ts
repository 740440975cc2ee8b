import { describe, expect, test } from "@jest/globals";
import { applyDrains } from "../../../../agent/head/member-moves.js";
import { lose, notebooksHeard, report, summarize, usableNodes } from "../../../../agent/head/members.js";
import { planObservation } from "../../../../agent/head/observation.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const NODE = { address: "10.0.0.9", hostname: "ip-10-0-0-9", cores: 2 };
const notebook = { ...NODE, id: "i-n", kind: "notebook", notebook: "explore" } as const;

describe("a notebook's node, as the head knows it", () => {
  const members = report(new Map(), notebook, [], 0);

  test("binds while it is heard, ready or not, and is never usable", () => {
    expect(notebooksHeard(members)).toEqual(["explore"]);
    expect(notebooksHeard(report(members, notebook, ["jupyter"], 1))).toEqual(["explore"]);
    expect(notebooksHeard(lose(members, "i-n"))).toEqual([]);
    expect(usableNodes(members)).toEqual([]);
  });

  test("a worker that names a notebook binds to none", () => {
    expect(notebooksHeard(report(new Map(), { ...notebook, kind: "worker" }, [], 0))).toEqual([]);
  });

  test("that does not say its notebook's name binds to none", () => {
    const { notebook: _, ...unnamed } = notebook;
    expect(notebooksHeard(report(new Map(), unnamed, [], 0))).toEqual([]);
  });

  test("is listed without what only the head needs", () => {
    expect(summarize(members)[0]).not.toHaveProperty("notebook");
  });

  test("does not drain unless the head says so", () => {
    const after = applyDrains(members, new Map(), () => false);
    expect(after.get("i-n")?.state).toBe("ready");
  });

  test("is named in META, which keeps the list when it is gone", () => {
    const meta = clusterItem({ clusterStatus: "FINISHED", phase: "ready", desiredNodes: 0 });
    const view = {
      ...{ headInstanceId: "i-a", leaseGeneration: 3, nodes: [], isJobRunning: false },
      ...{ surplus: null, hostfileNodes: [], logBucket: "logs", instanceType: "c6i.large" },
    };
    const now = new Date("2026-01-01T00:00:00Z");
    const seen = planObservation(meta, { ...view, notebooks: ["explore"] }, now);
    expect(seen?.changes.notebooks).toEqual(["explore"]);
    expect(planObservation(meta, view, now)?.changes).not.toHaveProperty("notebooks");
    const before = { ...meta, ...seen?.changes };
    expect(planObservation(before, view, now)?.changes.notebooks).toEqual([]);
  });
});
