import { describe, expect, test } from "@jest/globals";
import { CLUSTER_STATUSES } from "../../../../agent/contract/cluster-state.js";
import { because, NO_REASON } from "../../../../agent/contract/reasons.js";
import type { NodeSummary } from "../../../../agent/contract/registry.js";
import { mayStartJobs, planObservation } from "../../../../agent/head/observation.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";

const now = new Date("2026-01-01T00:01:00Z");
const a = nodeSummary("i-a");
const b = nodeSummary("i-b", { address: "10.0.0.2" });
const broken = nodeSummary("i-b", { state: "unready", failingProbes: ["shared", "mpi"] });
const view = (nodes: readonly NodeSummary[], hostfileNodes: readonly NodeSummary[] = nodes) => ({
  headInstanceId: "i-a",
  leaseGeneration: 3,
  nodes,
  isJobRunning: false,
  hostfileNodes,
  logBucket: "logs",
  instanceType: "c5.xlarge",
  surplus: null as string | null,
});

describe("the way to FINISHED", () => {
  test("exactly the desired nodes, all in the hostfile", () => {
    expect(planObservation(clusterItem(), view([a, b]), now)).toEqual({
      changes: {
        knownNodes: 2,
        readyNodes: 2,
        busy: false,
        hostfileNodes: 2,
        cores: 4,
        headInstanceId: "i-a",
        logBucket: "logs",
        leaseGeneration: 3,
        clusterStatus: "FINISHED",
        statusChangedAt: now.toISOString(),
        phase: "ready",
        ...NO_REASON,
        usage: { open: { since: now.toISOString(), nodes: 2, instanceType: "c5.xlarge" }, toRecord: [] },
        observedAt: now.toISOString(),
      },
      seen: { clusterStatus: "INPROGRESS", desiredNodes: 2 },
    });
  });

  test.each([
    ["a node is missing", [a], [a], "nodes-missing", "1 of 2 nodes are ready"],
    [
      "a node is unready",
      [a, broken],
      [a],
      "nodes-unready",
      "1 of 2 nodes are ready; i-b is unready (shared, mpi)",
    ],
    [
      "a node too many",
      [a, b, nodeSummary("i-c")],
      [a, b, nodeSummary("i-c")],
      "nodes-surplus",
      "3 of 2 nodes are ready",
    ],
    [
      "the hostfile lacks one",
      [a, b],
      [a],
      "hostfile-behind",
      "2 of 2 nodes are ready; the hostfile lists 1",
    ],
    ["there is no hostfile", [a, b], [], "hostfile-behind", "2 of 2 nodes are ready; the hostfile lists 0"],
  ])("not when %s", (_name, nodes, listed, reasonCode, reason) => {
    const changes = planObservation(clusterItem(), view(nodes, listed), now)?.changes;
    expect(changes).toMatchObject({ phase: "waiting-for-nodes", reasonCode, reason });
    expect(changes).not.toHaveProperty("clusterStatus");
  });

  test("busy nodes count as ready ones", () => {
    const busy = [nodeSummary("i-a", { state: "busy" }), b];
    expect(planObservation(clusterItem(), view(busy), now)?.changes.clusterStatus).toBe("FINISHED");
  });

  test.each([
    [5, "4 is unready (no failing probe)"],
    [6, "4 is unready (no failing probe); and 1 more"],
  ])("a reason names %i unready nodes", (count, end) => {
    const some = Array.from({ length: count }, (_, i) => nodeSummary(`i-${i}`, { state: "unready" }));
    const reason = planObservation(clusterItem({ desiredNodes: 9 }), view(some, []), now)?.changes.reason;
    expect(reason?.endsWith(end)).toBe(true);
  });

  test("a reason names five nodes at most", () => {
    const many = Array.from({ length: 40 }, (_, i) => nodeSummary(`i-${i}`, { state: "unready" }));
    const reason = planObservation(clusterItem({ desiredNodes: 40 }), view(many, []), now)?.changes.reason;
    expect(reason).toContain("i-4 is unready");
    expect(reason).not.toContain("i-5 is unready");
    expect(reason).toContain("and 35 more");
  });
});

describe("nodes of another kind", () => {
  const notebook = nodeSummary("i-n", { address: "10.0.0.3", kind: "notebook" });
  const builder = nodeSummary("i-x", { kind: "builder", state: "unready", failingProbes: ["shared"] });

  test("are not waited for, not counted, and in nobody's way", () => {
    expect(
      planObservation(clusterItem(), view([a, b, notebook, builder], [a, b]), now)?.changes,
    ).toMatchObject({
      clusterStatus: "FINISHED",
      reason: null,
      knownNodes: 2,
      readyNodes: 2,
      hostfileNodes: 2,
      cores: 4,
    });
  });

  test("don't stand in for a worker that is missing", () => {
    const changes = planObservation(clusterItem(), view([a, notebook], [a]), now)?.changes;
    expect(changes).toMatchObject({ reason: "1 of 2 nodes are ready", readyNodes: 1, knownNodes: 1 });
    expect(changes).not.toHaveProperty("clusterStatus");
  });
});

describe("a finished cluster", () => {
  const finished = clusterItem({ clusterStatus: "FINISHED", phase: "ready" });

  test("that lost a node stays FINISHED and says that it is degraded", () => {
    const changes = planObservation(finished, view([a, broken], [a]), now)?.changes;
    expect(changes).toMatchObject({
      ...{ phase: "degraded", hostfileNodes: 1, cores: 2 },
      ...because("nodes-unready", "1 of 2 nodes are ready; i-b is unready (shared, mpi)"),
    });
    expect(changes).not.toHaveProperty("clusterStatus");
  });

  test("is written once: the same view again writes nothing", () => {
    const first = planObservation(finished, view([a, b]), now);
    const written = { ...finished, ...first?.changes };
    expect(planObservation(written, view([a, b]), new Date(now.getTime() + 5_000))).toBeNull();
  });
});

test.each(["NEW", "FAILED", "PARKED", "REMOVING", "REMOVED"] as const)(
  "a head leaves status, phase and reason of a %s cluster alone",
  (clusterStatus) => {
    const changes = planObservation(clusterItem({ clusterStatus }), view([a, b]), now)?.changes;
    expect(Object.keys(changes ?? {})).not.toEqual(expect.arrayContaining(["clusterStatus"]));
    expect(changes).not.toHaveProperty("phase");
    expect(changes).not.toHaveProperty("reason");
    expect(changes).not.toHaveProperty("reasonCode");
  },
);

test("jobs may start in a cluster that is finished, or whose last resize failed", () => {
  expect(CLUSTER_STATUSES.filter(mayStartJobs)).toEqual(["FINISHED", "FAILED"]);
});

test("a protected fleet says so where nodes are missing, and what to do", () => {
  const meta = clusterItem({
    clusterStatus: "FINISHED",
    phase: "ready",
    protectedSince: "2026-01-01T00:00:30.000Z",
  });
  expect(planObservation(meta, view([a, broken], [a]), now)?.changes).toMatchObject({
    ...{ phase: "degraded", reasonCode: "fleet-protected" },
    reason: expect.stringContaining(
      "no more failing nodes are replaced, since 2026-01-01T00:00:30.000Z: see muster cluster repair",
    ),
  });
  expect(planObservation(meta, view([a, b]), now)?.changes).toMatchObject({ phase: "ready", ...NO_REASON });
});

describe("a cluster that shrinks", () => {
  const shrinks = clusterItem({ shrinksFrom: 3 });

  test("is not ready while nodes too many are there, though as many as are wanted are usable", () => {
    const seen = {
      ...view([a, b]),
      surplus: "3 nodes are there, and 2 wanted; i-c goes when the job on it has ended",
    };
    const changes = planObservation(shrinks, seen, now)?.changes;
    expect(changes).toMatchObject({
      ...{ phase: "waiting-for-nodes", reasonCode: "nodes-surplus" },
      reason: expect.stringContaining("i-c goes when the job on it has ended"),
    });
    expect(changes).not.toHaveProperty("clusterStatus");
  });

  test("is ready when none is left", () => {
    expect(planObservation(shrinks, view([a, b]), now)?.changes.clusterStatus).toBe("FINISHED");
  });
});

describe("a resize that a person asked for by command", () => {
  const asked = (minutesAgo: number) => ({
    at: new Date(now.getTime() - minutesAgo * 60_000).toISOString(),
    by: "ada",
  });
  const grows = (minutesAgo: number) => clusterItem({ desiredNodes: 4, resize: asked(minutesAgo) });

  test("waits for half an hour where capacity is short, and then fails with what is missing", () => {
    expect(planObservation(grows(29), view([a, b]), now)?.changes).not.toHaveProperty("clusterStatus");
    expect(planObservation(grows(30), view([a, b]), now)?.changes).toMatchObject({
      ...{ clusterStatus: "FAILED", statusChangedAt: now.toISOString(), hostfileNodes: 2 },
      reasonCode: "resize-timed-out",
      reason: "the resize to 4 nodes was not done after 30m: 2 of 4 nodes are ready",
    });
  });

  test("does not fail where the nodes are there at last", () => {
    const meta = clusterItem({ resize: asked(60) });
    expect(planObservation(meta, view([a, b]), now)?.changes.clusterStatus).toBe("FINISHED");
  });

  test("waits for a job for as long as the job takes, where the cluster shrinks", () => {
    const meta = clusterItem({ shrinksFrom: 3, resize: asked(600) });
    const seen = { ...view([a, b]), surplus: "a job runs" };
    expect(planObservation(meta, seen, now)?.changes).not.toHaveProperty("clusterStatus");
  });

  test("of an apply has the apply's own time", () => {
    const meta = clusterItem({ desiredNodes: 4, statusChangedAt: asked(600).at });
    expect(planObservation(meta, view([a, b]), now)?.changes).not.toHaveProperty("clusterStatus");
  });
});
