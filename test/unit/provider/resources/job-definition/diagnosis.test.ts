import { describe, expect, test } from "@jest/globals";
import { because } from "../../../../../agent/contract/reasons.js";
import type { ClusterItem, JobItem } from "../../../../../agent/contract/registry.js";
import {
  describeCluster,
  reasonCodeOf,
  renderFailedJob,
  renderUnendedJob,
} from "../../../../../provider/resources/job-definition/diagnosis.js";
import { CLUSTER_UUID, clusterItem, observedCluster } from "../../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../../support/agent/jobs.js";
import { FAILED } from "../../../../support/provider/job-definition-story.js";

const NAME = { clusterUuid: CLUSTER_UUID, name: "nightly" };
const failed = (change: Partial<JobItem> = {}): JobItem => ({ ...queuedJob(), ...FAILED, ...change });

describe("a job that failed", () => {
  test("is shown with its exit code, its reason, its last lines and its log", () => {
    const log = { uri: "s3://logs/x", bytes: 6, sha256: "00", parts: 1 };
    const { code, reasonCode, summary, detail } = renderFailedJob(
      NAME,
      failed({ log, lastLines: ["a", "b"] }),
    );
    expect([code, reasonCode, summary]).toEqual([
      "job-failed",
      "rank-exited",
      "Job of definition nightly FAILED: it broke",
    ]);
    expect(detail?.split("\n").slice(0, -1)).toEqual([
      `Job ${queuedJob().id} on cluster ${CLUSTER_UUID}: status FAILED, exit code 3.`,
      "Reason: it broke.",
      "Its last lines:",
      "  a",
      "  b",
      "Its whole log: s3://logs/x",
    ]);
  });

  test("is shown without what it does not have", () => {
    const { summary, detail } = renderFailedJob(
      NAME,
      failed({ exitCode: null, reason: null, logState: "none" }),
    );
    expect(summary).toBe("Job of definition nightly FAILED: no reason is recorded");
    for (const line of [
      "mpiexec left no exit code",
      "It printed nothing.",
      "Its log is none, because the job never ran.",
    ])
      expect(detail).toContain(line);
  });
});

test.each<[string, Partial<ClusterItem> | null, string]>([
  ["is gone", null, "it is not in the registry"],
  [
    "waits for nodes",
    { ...because("nodes-missing", "1 of 2 nodes are ready") },
    "INPROGRESS, phase waiting-for-nodes, 1 of 2 nodes are ready, no nodes that could run it, no head node",
  ],
  [
    "is ready",
    { clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, headInstanceId: "i-1" },
    "FINISHED, phase ready, 2 nodes in the hostfile, head node i-1",
  ],
])("a cluster that %s is described so", (_name, change, expected) => {
  expect(describeCluster(change === null ? null : clusterItem(change))).toBe(expected);
});

test("a cluster's reason code is passed on where it has one", () => {
  expect([null, clusterItem(), clusterItem(because("nodes-missing", ""))].map(reasonCodeOf)).toEqual([
    ...[null, null, "nodes-missing"],
  ]);
});

describe("a job that has not ended", () => {
  const rendered = (job: JobItem | null, cluster: Partial<ClusterItem> | null) =>
    renderUnendedJob(NAME, {
      ...{ job, ahead: null, reason: "Timed out after 1h." },
      cluster: cluster === null ? null : observedCluster(cluster),
    });

  test.each<[string, Partial<ClusterItem> | null, RegExp]>([
    ["has no cluster", null, /Next: make the cluster again\. /],
    ["has no nodes", {}, /Next: give the cluster nodes \(muster_fleet\)/],
    ["waits for another", { hostfileNodes: 2 }, /Next: look for an earlier job that still runs/],
  ])("says what to do where it %s", (_name, cluster, next) => {
    const { code, detail } = rendered(queuedJob(), cluster);
    expect(code).toBe("job-not-ended");
    expect(detail).toMatch(next);
    expect(detail).toMatch(/^Timed out after 1h\.\nJob: job-/);
  });

  test("and whose item is gone says so", () => {
    const { detail, reasonCode } = rendered(null, because("nodes-missing", "none"));
    expect(detail).toContain("Job: its item is gone from the registry.");
    expect(reasonCode).toBe("nodes-missing");
  });
});
