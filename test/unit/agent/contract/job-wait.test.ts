import { describe, expect, test } from "@jest/globals";
import {
  degradation,
  describeWait,
  isBefore,
  missingNodes,
  queueAhead,
  withMissing,
} from "../../../../agent/contract/job-wait.js";
import { nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const ready = (count: number) => Array.from({ length: count }, (_, index) => nodeSummary(`i-${index}`));
const whole = observedCluster({
  clusterStatus: "FINISHED",
  phase: "ready",
  nodes: ready(2),
  hostfileNodes: 2,
});
const unready = nodeSummary("i-9", {
  address: "10.0.0.9",
  state: "unready",
  failingProbes: ["shared-folder"],
});
const degraded = observedCluster({ ...whole, desiredNodes: 6, nodes: [...ready(2), unready] });

describe("what a job waits for", () => {
  test.each([
    [
      "nothing but its turn",
      whole,
      { running: null, waiting: 0 },
      "NEW, queued: is next: waits for the head node to start it",
    ],
    [
      "a job that runs",
      whole,
      { running: "job-1", waiting: 0 },
      "NEW, queued, position 1: waits for job job-1, which runs",
    ],
    [
      "a queue",
      whole,
      { running: "job-1", waiting: 2 },
      "NEW, queued, position 3: waits for job job-1, which runs and 2 jobs submitted earlier",
    ],
    ["a queue that is not known", whole, null, "NEW, queued: waits in the queue"],
    [
      "nodes that are not wanted",
      observedCluster({ clusterStatus: "NEW", phase: "created", desiredNodes: 0 }),
      null,
      "NEW, queued: waits for nodes; cluster demo is NEW, created; no nodes are requested (muster_fleet sets the number)",
    ],
    [
      "nodes that do not come",
      observedCluster({
        clusterStatus: "FAILED",
        phase: "waiting-for-nodes",
        reason: "no capacity",
        desiredNodes: 2,
      }),
      null,
      "NEW, queued: waits for nodes; cluster demo is FAILED, waiting-for-nodes: no capacity; 0 of 2 nodes are ready: 2 have not registered",
    ],
    [
      "a parked cluster",
      observedCluster({
        clusterStatus: "PARKED",
        phase: "parked",
        reason: "it was idle",
        desiredNodes: 0,
      }),
      null,
      "NEW, queued: waits for nodes; cluster demo is PARKED, parked: it was idle; it gets nodes when it is resumed",
    ],
    [
      "a cluster that a person has taken the nodes from",
      observedCluster({ clusterStatus: "PARKED", phase: "no-nodes", desiredNodes: 0 }),
      null,
      "NEW, queued: waits for nodes; cluster demo is PARKED, no-nodes; no nodes are requested (muster_fleet sets the number)",
    ],
    ["a cluster that is gone", null, null, "NEW, queued: its cluster is not in the registry"],
    [
      "its turn on a degraded cluster",
      degraded,
      { running: null, waiting: 1 },
      "NEW, queued, position 2: waits for 1 job submitted earlier; cluster demo is degraded: 2 of 6 nodes are ready: i-9 (10.0.0.9) is unready, failing shared-folder; 3 have not registered",
    ],
  ])("%s", (_name, cluster, ahead, text) => {
    expect(describeWait(queuedJob(), cluster, ahead)).toBe(text);
  });

  test("a job that runs says its phase, its ranks, and whether it is to end", () => {
    const running = { ...queuedJob(), status: "INPROGRESS", phase: "running", ranks: 4 } as const;
    expect(describeWait(running, whole, null)).toBe("INPROGRESS, running with 4 ranks");
    const waiting = { ...running, phase: "retrying", retryAt: "2026-01-01T00:00:30.000Z" } as const;
    expect(describeWait(waiting, whole, null)).toBe(
      "INPROGRESS, retrying: the next attempt begins at 2026-01-01T00:00:30.000Z",
    );
    expect(describeWait({ ...running, phase: "delivering" }, whole, null)).toBe(
      "INPROGRESS, delivering: the rest of its output goes to the log bucket",
    );
    expect(describeWait({ ...running, cancelRequested: true }, whole, null)).toContain(
      "; a cancel was requested",
    );
    expect(describeWait(running, degraded, null)).toContain("; cluster demo is degraded: 2 of 6");
  });
});

test("jobs are in the order in which they were submitted, those of one moment by their ids, and none is before itself", () => {
  const at = (submittedAt: string, id: string) => ({ submittedAt, id });
  const inOrder = [
    at("2026-01-01T00:00:00.000Z", "b"),
    at("2026-01-01T00:00:01.000Z", "a"),
    at("2026-01-01T00:00:01.000Z", "c"),
    at("2026-01-01T00:00:02.000Z", "b"),
  ];
  for (const [index, job] of inOrder.entries())
    expect(inOrder.map((other) => isBefore(other, job))).toEqual(inOrder.map((_, other) => other < index));
});

test("what has ended, was submitted later, or is the job itself, is not before it in the queue", () => {
  const at = (key: string, minute: number, status: "NEW" | "INPROGRESS" | "FINISHED" = "NEW") => ({
    ...queuedJob(key, {}, `2026-01-01T00:0${minute}:00Z`),
    status,
  });
  const job = at("mine", 5);
  const running = at("runs", 1, "INPROGRESS");
  const jobs = [job, running, at("old", 0, "FINISHED"), at("earlier", 3), at("later", 7)];
  expect(queueAhead(jobs, job)).toEqual({ running: running.id, waiting: 1 });
  expect(queueAhead([job], job)).toEqual({ running: null, waiting: 0 });
});

test("nodes are read where some are missing, and only there", async () => {
  const readNodes = async () => [unready];
  expect((await withMissing(whole, readNodes)).nodes).toEqual([]);
  expect((await withMissing(degraded, readNodes)).nodes).toEqual([unready]);
});

describe("a degraded cluster", () => {
  test("misses none of its nodes for one of another kind, however that is", () => {
    const notebook = nodeSummary("i-n", { kind: "notebook", state: "unready", failingProbes: ["shared"] });
    const nodes = [...ready(1), notebook];
    expect(missingNodes({ nodes, desiredNodes: 2, hostfileNodes: 1 })).toBe(
      "1 of 2 nodes are ready: 1 has not registered",
    );
  });

  test("has some nodes, but not all", () => {
    expect(degradation(whole)).toBeNull();
    expect(degradation(observedCluster())).toBeNull();
    expect(degradation(degraded)).toContain("2 of 6 nodes are ready");
  });

  test("names five nodes, and counts the others", () => {
    const nodes = Array.from({ length: 8 }, (_, index) => nodeSummary(`i-${index}`, { state: "booting" }));
    expect(missingNodes({ nodes, desiredNodes: 8, hostfileNodes: 0 })).toMatch(
      /^0 of 8 .*i-4 \(10\.0\.0\.1\) is booting; 3 more are not ready$/,
    );
  });
});

test("five nodes that are not ready are all named, and of six the sixth is counted", () => {
  const said = (count: number) =>
    missingNodes({
      nodes: Array.from({ length: count }, (_, index) => ({ ...unready, id: `i-${index}` })),
      ...{ desiredNodes: count, hostfileNodes: 0 },
    });
  expect(said(5)).not.toContain("more");
  expect(said(6)).toMatch(/; 1 more are not ready$/);
});
