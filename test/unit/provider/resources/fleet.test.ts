import { describe, expect, test } from "@jest/globals";
import type { ObservedCluster } from "../../../../agent/contract/nodes.js";
import { because } from "../../../../agent/contract/reasons.js";
import { renderDiagnosis, worstInstance } from "../../../../provider/resources/fleet/diagnosis.js";
import { isResizeSettled, judgeProgress } from "../../../../provider/resources/fleet/progress.js";
import { type FleetState, observedFleet, timeoutMs } from "../../../../provider/resources/fleet/state.js";
import { CLUSTER_UUID, nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";

const claim = { owner: "o-1", group: "g", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
const ready = [nodeSummary("i-1"), nodeSummary("i-2", { address: "10.0.0.2", state: "busy" })];
const notebook = nodeSummary("i-n", { kind: "notebook", state: "unready", failingProbes: ["shared"] });
const finished: Partial<ObservedCluster> = { clusterStatus: "FINISHED", nodes: ready, hostfileNodes: 2 };
const group = {
  name: "g",
  minSize: 0,
  desired: 3,
  instances: ["i-1", "i-2", "i-3"].map((id) => ({ id, lifecycle: "InService", template: null })),
};

describe("judgeProgress of a resize to 2 nodes", () => {
  test.each<[string, Partial<ObservedCluster>, string]>([
    ["all ready and in the hostfile", finished, "ready"],
    ["the head has not said so yet", { ...finished, clusterStatus: "INPROGRESS" }, "waiting"],
    ["the hostfile still lists more", { ...finished, hostfileNodes: 3 }, "waiting"],
    ["one went unready since", { ...finished, nodes: [...ready.slice(1)] }, "waiting"],
    ["a notebook is there beside them", { ...finished, nodes: [...ready, notebook] }, "ready"],
    [
      "a notebook is there instead of one",
      { ...finished, nodes: [ready[0] ?? notebook, notebook] },
      "waiting",
    ],
    ["nothing yet", {}, "waiting"],
  ])("%s", (_name, item, kind) => expect(judgeProgress(observedCluster(item), 2).kind).toBe(kind));

  test.each<[string, Partial<ObservedCluster> | null, string | null]>([
    ["something else asked for another size", { desiredNodes: 3 }, "resize-superseded"],
    ["parked meanwhile", { clusterStatus: "PARKED" }, "cluster-parked"],
    [
      "FAILED with a reason",
      { clusterStatus: "FAILED", ...because("launch-no-capacity", "none left") },
      "launch-no-capacity",
    ],
    ["FAILED without one", { clusterStatus: "FAILED" }, null],
    ["being removed", { clusterStatus: "REMOVING" }, "cluster-removing"],
    ["taken over by another fleet", { fleet: { ...claim, owner: "o-2" } }, "fleet-taken-over"],
    ["gone", null, "cluster-item-gone"],
  ])("%s is fatal, with its code", (_name, item, reasonCode) => {
    const seen = item === null ? null : observedCluster(item);
    expect(judgeProgress(seen, 2)).toMatchObject({ kind: "fatal", reasonCode });
  });

  test.each<[string, Partial<ObservedCluster>, string]>([
    [
      "the reason that is recorded",
      because("launch-no-capacity", "none left"),
      "the cluster FAILED: none left",
    ],
    ["that none is", {}, "the cluster FAILED: no reason is recorded"],
  ])("FAILED says %s", (_name, why, reason) => {
    expect(judgeProgress(observedCluster({ clusterStatus: "FAILED", ...why }), 2)).toMatchObject({ reason });
  });

  test("waiting tells the phase, the head and what the head waits for", () => {
    const nodes = [
      nodeSummary("i-1"),
      nodeSummary("i-2", { state: "unready", failingProbes: ["shared", "peers"] }),
    ];
    expect(
      judgeProgress(observedCluster({ nodes, hostfileNodes: 1, reason: "i-2 is unready (shared)" }), 2),
    ).toEqual({
      kind: "waiting",
      summary:
        "1 of 2 nodes ready, 1 in the hostfile, phase waiting-for-nodes, no head node yet, i-2 is unready (shared)",
    });
  });
});

describe("isSettled: whether the last resize came to its end", () => {
  test.each<[string, Partial<ObservedCluster>, number | null, boolean]>([
    ["ready", finished, 2, true],
    ["parked: no difference", { clusterStatus: "PARKED", desiredNodes: 0 }, 2, true],
    ["resumed from outside: no difference", { clusterStatus: "INPROGRESS", desiredNodes: 2 }, 2, true],
    ["resized from outside: no difference", { ...finished, fleet: claim, desiredNodes: 4 }, 2, true],
    ["and just now", { clusterStatus: "INPROGRESS", fleet: claim, desiredNodes: 4 }, 2, true],
    [
      "an update cut short, which the head has ended: run it again",
      { ...finished, fleet: { ...claim, nodes: 4 } },
      2,
      false,
    ],
    [
      "resized by a command to what is declared, which its fleet does not say yet",
      { ...finished, fleet: { ...claim, nodes: 4 }, resize: { by: "ada", at: "" } as never, desiredNodes: 2 },
      2,
      true,
    ],
    [
      "resized by a command to another size",
      { ...finished, fleet: { ...claim, nodes: 4 }, resize: { by: "ada", at: "" } as never, desiredNodes: 3 },
      2,
      false,
    ],
    ["an update cut short: run it again", { clusterStatus: "INPROGRESS", desiredNodes: 4 }, 2, false],
    ["a failed resize: run it again", { clusterStatus: "FAILED" }, 2, false],
    ["an import", finished, null, true],
    ["an import of what a killed create left", { clusterStatus: "INPROGRESS" }, null, false],
  ])("%s", (_name, item, declared, expected) => {
    expect(isResizeSettled(observedCluster(item), declared)).toBe(expected);
  });
});

describe("what a read finds of a fleet of 2 nodes", () => {
  const state = {
    nodes: 2,
    ready_nodes: 2,
    owner: "o-1",
    addresses: ["10.0.0.9"],
    autoscaling_group: "g",
  } as unknown as FleetState;
  const of = (size: number | null) => (size === null ? null : { ...group, desired: size, instances: [] });
  const parked: Partial<ObservedCluster> = { clusterStatus: "PARKED", desiredNodes: 0, nodes: [] };

  test.each<[string, Partial<ObservedCluster>, number | null, object]>([
    ["the nodes that there are", finished, 2, { nodes: 2, addresses: ["10.0.0.1", "10.0.0.2"] }],
    ["parked: as it was", { ...parked, phase: "parked" }, 0, { nodes: 2 }],
    ["drained by a destroy elsewhere", { ...parked, phase: "no-nodes" }, 0, { nodes: 0 }],
    ["emptied by hand", { ...finished, nodes: [] }, 0, { nodes: 0, addresses: [] }],
    ["without its group, parked or not", { ...parked, phase: "parked" }, null, { nodes: 0 }],
    [
      "resized by command: the next apply makes it what is declared",
      { ...finished, desiredNodes: 4, fleet: claim, resize: { at: "", by: "ada" } },
      4,
      { nodes: 4, addresses: ["10.0.0.1", "10.0.0.2"] },
    ],
    [
      "resized from outside, by no command: as it was",
      { ...finished, desiredNodes: 4, fleet: claim },
      4,
      { nodes: 2, addresses: ["10.0.0.1", "10.0.0.2"] },
    ],
    [
      "resized by command, and parked since: as it was",
      { ...parked, phase: "parked", fleet: claim, resize: { at: "", by: "ada" } },
      0,
      { nodes: 2 },
    ],
    ["a failed resize", { clusterStatus: "FAILED" }, 3, { nodes: 2, ready_nodes: null }],
  ])("%s", (_name, item, size, expected) => {
    expect(observedFleet(observedCluster(item), of(size), state)).toEqual(expected);
  });

  test("of none, which a command gives four that are still to come, says that four are wanted", () => {
    const item = observedCluster({
      ...{ clusterStatus: "INPROGRESS", desiredNodes: 4, nodes: [] },
      ...{ fleet: { ...claim, nodes: 0 }, resize: { at: "", by: "ada" } },
    });
    expect(observedFleet(item, of(0), { ...state, nodes: 0 })).toEqual({ nodes: 4 });
  });

  test.each<[string, Partial<ObservedCluster>, number, number]>([
    ["as many as it has when it is not parked", { ...parked, phase: "parked", fleet: claim }, 0, 2],
    ["none where it is parked and never had a fleet", { ...parked, phase: "parked" }, 0, 0],
    ["as many as a command has asked for", { ...finished, fleet: claim, desiredNodes: 4 }, 4, 4],
  ])("that is imported has %s", (_name, item, size, nodes) => {
    const imported = { ...state, nodes: null, ready_nodes: null, owner: null } as unknown as FleetState;
    expect(observedFleet(observedCluster(item), of(size), imported)).toMatchObject({ nodes });
  });
});

describe("the diagnosis", () => {
  const cluster = observedCluster({
    nodes: [nodeSummary("i-1"), nodeSummary("i-2", { state: "unready", failingProbes: ["shared"] })],
    hostfileNodes: 1,
    headInstanceId: "i-1",
    desiredNodes: 4,
  });

  test("says what was reached, who is missing or unready, what the group and the console say, and what to do", () => {
    const { code, reasonCode, summary, detail } = renderDiagnosis(CLUSTER_UUID, "g", {
      ...because("resize-timed-out", "Timed out after 30m"),
      nodes: 4,
      cluster,
      group,
      activities: [
        { id: "a-1", at: "2026-01-01T00:00:00Z", status: "Failed", message: "InsufficientInstanceCapacity" },
      ],
      console: { instanceId: "i-3", lines: ["kernel panic"] },
    });
    expect([code, reasonCode]).toEqual(["fleet-not-ready", "resize-timed-out"]);
    expect(summary).toBe("The fleet is not ready: 1 of 4 nodes");
    for (const part of [
      "Timed out after 30m",
      "Phase: waiting-for-nodes (status INPROGRESS); head node: i-1; 1 nodes in the hostfile.",
      "3 of 4 instances (desired 3): i-1 InService, i-2 InService, i-3 InService.",
      "Missing: 1 instances were never started.",
      "Missing: started but never heard of: i-3.",
      "Not ready: i-2 (10.0.0.1) unready: shared.",
      "Failed: InsufficientInstanceCapacity",
      "Console of i-3, last lines:\n  kernel panic",
      "Next: ",
    ]) {
      expect(detail).toContain(part);
    }
  });

  test.each<[string, number, number, string]>([
    ["nodes are missing", 1, 2, "The fleet is not ready: 1 of 2 nodes"],
    ["nodes are missing, and too many were asked for", 1, 3, "The fleet is not ready: 1 of 2 nodes"],
    ["all are ready, and something else is missing", 2, 2, "The fleet is not ready: 2 of 2 nodes"],
    ["all are ready, and one more is there", 2, 3, "The fleet still has 3 nodes instead of 2"],
    ["more are ready than are wanted", 3, 3, "The fleet still has 3 nodes instead of 2"],
  ])("says in its summary what is wrong where %s", (_name, count, desired, expected) => {
    const nodes = ["i-1", "i-2", "i-3"].slice(0, count).map((id) => nodeSummary(id));
    const findings = {
      ...{ reasonCode: null, reason: "r", nodes: 2, cluster: observedCluster({ nodes }) },
      ...{ group: { ...group, desired }, activities: [], console: null },
    };
    expect(renderDiagnosis(CLUSTER_UUID, "g", findings).summary).toBe(expected);
  });

  test("says nothing of what is not missing", () => {
    const nodes = group.instances.map(({ id }) => nodeSummary(id));
    const { detail } = renderDiagnosis(CLUSTER_UUID, "g", {
      ...{ reasonCode: null, reason: "r", nodes: 3, cluster: observedCluster({ nodes }), group },
      ...{ activities: [], console: { instanceId: "i-3", lines: [] }, next: "wait" },
    });
    expect(detail).not.toMatch(/Missing|Not ready/);
    expect(detail).toContain("Console of i-3: nothing yet.");
    expect(detail).toContain("Next: wait");
  });

  test("is whole also where nothing could be found out", () => {
    const nothing = {
      ...{ reasonCode: null, reason: "r", nodes: 1 },
      ...{ cluster: null, group: null, activities: [], console: null },
    };
    const { detail } = renderDiagnosis(CLUSTER_UUID, "g", nothing);
    expect(detail).toContain("Registry: it has no item of this cluster.");
    expect(detail).toContain("Auto Scaling group: it does not exist.");
    expect(detail).toContain("The group reports no scaling activity.");
  });

  test.each([
    ["an instance that was never heard of", cluster, group, "i-3"],
    ["else one that is unready", cluster, { ...group, instances: group.instances.slice(0, 2) }, "i-2"],
    [
      "else none, whatever another kind's is like",
      observedCluster({ nodes: [nodeSummary("i-1"), notebook] }),
      { ...group, instances: [] },
      null,
    ],
  ])("the worst instance is %s", (_name, item, asg, expected) =>
    expect(worstInstance(item.nodes, asg)).toBe(expected),
  );
});

test("timeouts: the user's, else the defaults", () => {
  const state = { timeouts: { create: "90s", update: null, delete: null } } as Parameters<
    typeof timeoutMs
  >[0];
  expect(timeoutMs(state, "create")).toBe(90_000);
  expect(timeoutMs(state, "update")).toBe(1_800_000);
  expect(timeoutMs({ ...state, timeouts: null }, "delete")).toBe(1_200_000);
});
