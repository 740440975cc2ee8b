import { ACTIVITY_SOURCE_NAMES, type ClusterActivity } from "../../../agent/contract/activity.js";
import type { EventItem } from "../../../agent/contract/event.js";
import { newJob } from "../../../agent/contract/job.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import type { UsageItem } from "../../../agent/contract/usage.js";
import { CLUSTER_UUID, nodeSummary, observedCluster } from "../agent/cluster-item.js";

/** The moment that everything here is seen at. */
export const NOW = new Date("2026-01-01T00:10:00Z");
const MINUTE_MS = 60_000;
const minutesAgo = (minutes: number): string => new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString();

/** The UUID of the cluster with that number. Writes in memory are about the first one. */
export const uuidOf = (number: number): string =>
  number === 1 ? CLUSTER_UUID : `0b9b4a3e-6f0e-4a52-9d3c-${number.toString(16).padStart(12, "0")}`;

const activity = (active: string | null, parksAt: string | null): ClusterActivity => ({
  ...{ observedAt: minutesAgo(0.3), idleSince: minutesAgo(22), parksAt },
  sources: ACTIVITY_SOURCE_NAMES.map((source) => ({
    source,
    state: source === active ? "active" : "idle",
    lastAt: source === "notebook" ? null : minutesAgo(source === active ? 0.3 : 22),
    detail: source === active ? "job-0123456789abcdef0123 runs" : null,
  })),
});

/** A cluster whose nodes are all ready. */
export function readyCluster(number: number, name: string, nodes = 4, cores = 8): ObservedCluster {
  const summaries = Array.from({ length: nodes }, (_, index) =>
    nodeSummary(`i-0${number.toString(16)}${index.toString(16).padStart(15, "0")}`, {
      ...{ address: `10.20.${number % 200}.${(index % 250) + 4}`, cores },
    }),
  );
  return observedCluster({
    ...{ uuid: uuidOf(number), name, clusterStatus: "FINISHED", phase: "ready", nodes: summaries },
    ...{ desiredNodes: nodes, hostfileNodes: nodes, cores: nodes * cores, idleTimeoutMinutes: 60 },
    ...{
      headInstanceId: summaries[0]?.id ?? null,
      statusChangedAt: minutesAgo(190),
      createdAt: minutesAgo(2_000),
    },
    ...{ observedAt: minutesAgo(0.1), leaseGeneration: 1, activity: activity(null, minutesAgo(-38)) },
    fleet: { owner: "secret-owner", group: `muster-${name}`, nodes, since: minutesAgo(2_000) },
  });
}

/** Clusters of an org at work, of every status. */
export const someClusters = (): readonly ObservedCluster[] => [
  { ...readyCluster(1, "alpha", 4, 18), busy: true, activity: activity("job", null), notebooks: ["explore"] },
  readyCluster(2, "genomics", 16, 36),
  {
    ...readyCluster(3, "simulation", 8, 36),
    ...{ hostfileNodes: 5, readyNodes: 5, cores: 180 },
    ...{ clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", resume: { at: minutesAgo(4), by: "ada" } },
    reason: "3 of 8 nodes are not there yet: Auto Scaling waits for capacity.",
  },
  observedCluster({
    ...{ uuid: uuidOf(4), name: "nightly", clusterStatus: "PARKED", phase: "parked", idleTimeoutMinutes: 30 },
    ...{
      reasonCode: "parked-idle" as never,
      reason: "no activity for 30 min",
      statusChangedAt: minutesAgo(640),
    },
    ...{ desiredNodes: 0, createdAt: minutesAgo(9_000) },
  }),
  observedCluster({
    ...{ uuid: uuidOf(5), name: "weather", clusterStatus: "FAILED", phase: "waiting-for-nodes" },
    ...{ reasonCode: "nodes-not-ready" as never, statusChangedAt: minutesAgo(12), desiredNodes: 12 },
    reason: "11 of 12 nodes are ready; i-0abc fails the probe shared: mount.nfs4: Connection timed out",
  }),
  observedCluster({
    uuid: uuidOf(6),
    name: "bench",
    clusterStatus: "REMOVING",
    phase: "removing",
    desiredNodes: 0,
  }),
];

const COMMANDS = [
  "train.py --steps 20000",
  "nightly.py --all",
  "-m mpi4py.bench helloworld",
  "align.py s3://genomes/in",
];
const STATUSES = ["FINISHED", "FINISHED", "FAILED", "FINISHED", "CANCELLED", "FINISHED"] as const;

/** Jobs of a cluster, the first of which runs. */
export const someJobs = (clusterUuid: string, count: number): readonly JobItem[] =>
  Array.from({ length: count }, (_, index) => {
    const command = (COMMANDS[index % COMMANDS.length] ?? "").split(" ");
    const submittedAt = minutesAgo(3 + index * 11);
    const job = newJob(clusterUuid, `key-${index}`, { command }, new Date(submittedAt), {
      submittedBy: `arn:aws:iam::123456789012:user/${index % 3 === 0 ? "ada" : "grace"}`,
      ...(index % 4 === 1 ? { definition: { id: "d", name: "nightly", revision: 2 } } : {}),
    });
    const own = { attempt: 1, ranks: 72, claimedAt: submittedAt, startedAt: submittedAt, leaseGeneration: 1 };
    if (index === 0) return { ...job, ...own, status: "INPROGRESS", phase: "running" };
    const status = STATUSES[index % STATUSES.length] ?? "FINISHED";
    const ended = { status, phase: "ended" as never, endedAt: minutesAgo(3 + index * 11 - 8) };
    const failed = {
      reasonCode: "nonzero-exit" as never,
      reason: "rank 3 ended with exit code 1",
      exitCode: 1,
    };
    return { ...job, ...own, ...ended, ...(status === "FAILED" ? failed : { exitCode: 0 }) };
  });

export const someEvents = (): readonly EventItem[] =>
  [
    ["cluster-ready", "4 nodes are ready"],
    ["job-started", "job-0123456789abcdef0123 runs on 4 nodes"],
    ["node-replaced", "i-0abc failed the probe shared, and was replaced"],
  ].map(
    ([code = "", text = ""], index) =>
      ({ id: `e${index}`, at: minutesAgo(180 - index * 50), code, text }) as never,
  );

/** Usage of three clusters on most days of a month. */
export function someUsage(month: string): readonly UsageItem[] {
  const clusters = [
    ["alpha", "c5.xlarge", 4],
    ["genomics", "c6i.8xlarge", 16],
    ["simulation", "c5n.18xlarge", 8],
  ] as const;
  return clusters.flatMap(([clusterName, instanceType, nodes], number) =>
    Array.from({ length: 24 }, (_, index): UsageItem => {
      const day = String(index + 1).padStart(2, "0");
      const hours = 1 + ((index * 7 + number * 5) % 9);
      return {
        ...{ month, clusterUuid: uuidOf(number + 1), clusterName, org: "acme", instanceType, nodes },
        ...{
          from: `${month}-${day}T08:00:00.000Z`,
          to: `${month}-${day}T${String(8 + hours).padStart(2, "0")}:00:00.000Z`,
        },
        endedBecause: "parked",
      };
    }),
  );
}
