import type { AgentDeps } from "./agent-deps.js";
import type { ParkControl } from "./contract/park.js";
import type { ClusterItem } from "./contract/registry.js";
import type { Head } from "./head/head.js";
import type { AppDeps } from "./http/app.js";
import type { Idle } from "./idle/idle.js";
import type { Nudge } from "./jobs/nudge.js";
import type { JobRunner } from "./jobs/runner.js";
import { createLogViews } from "./logs/views.js";
import type { PeerHub } from "./peers/peer-socket.js";
import type { Status } from "./status/status.js";
import { createEventFeed } from "./watching/feed.js";
import { createMetrics } from "./watching/metrics.js";

/** What of a running agent its API shows or reaches. */
interface Parts {
  /** The held generation; null unless this node is head. */
  generation(): number | null;
  failingProbes(): readonly string[];
  /** With the one that asks for a head. */
  failingHere(): readonly string[];
  /** The cluster; where it is open, as it was moments ago. */
  readCluster(): Promise<ClusterItem | null>;
  readonly control: ParkControl;
  wake: AppDeps["jobs"]["wake"];
  startNow: AppDeps["jobs"]["startNow"];
  nudge(nudge: Nudge): void;
  readonly head: Pick<Head, "nodesByState">;
  readonly runner: Pick<JobRunner, "running" | "startNow">;
  readonly idle: Pick<Idle, "seen">;
  readonly peers: PeerHub;
  readonly status: Pick<Status, "read">;
  readonly hold: AppDeps["notebooks"]["hold"];
}

/** The agent's API, as what each of its routes needs. */
export function servedBy(deps: AgentDeps, parts: Parts): AppDeps {
  const { config, keys, clock, log } = deps;
  return {
    keys,
    failingProbes: parts.failingHere,
    status: { clusterUuid: config.clusterUuid, read: parts.status.read },
    activity: {
      ...{
        clusterUuid: config.clusterUuid,
        control: parts.control,
        seen: parts.idle.seen,
        now: () => clock.now(),
      },
      readCluster: parts.readCluster,
    },
    jobs: {
      clusterUuid: config.clusterUuid,
      submissions: deps.submissions,
      view: deps.jobsView,
      wake: parts.wake,
      readJob: deps.jobs.read,
      readCluster: parts.readCluster,
      startNow: parts.startNow,
      nudge(given) {
        // A nudge for no job comes after a rotation of the secret, too.
        if (given.jobId === null) keys.doubt();
        parts.nudge(given);
      },
      now: () => clock.now(),
    },
    logs: {
      views: createLogViews({
        ...{ outputs: deps.outputs, bucket: deps.logBucket, clock },
        readJob: deps.jobs.read,
        readAttempt: deps.jobs.readAttempt,
      }),
      clock,
    },
    events: {
      history: deps.history,
      feed: createEventFeed({ history: deps.history, clock, log }),
      now: () => clock.now(),
    },
    metrics: createMetrics({
      probes: () => {
        const failing = parts.failingProbes();
        const names = new Set([...deps.probes.map(({ name }) => name), ...failing]);
        return [...names].map((name) => ({ name, isPassing: !failing.includes(name) }));
      },
      generation: parts.generation,
      nodesByState: parts.head.nodesByState,
      isJobRunning: () => parts.runner.running() !== null,
      pendingLogs: deps.pendingLogs,
      counts: deps.counts,
    }),
    peers: parts.peers,
    preflight: deps.preflight,
    // A head of before passes nothing on.
    offers: { clusterUuid: config.clusterUuid, startNow: parts.runner.startNow },
    keepJournal: deps.keepJournal,
    notebooks: { hold: parts.hold, homes: deps.homes },
    jobHost: { processes: deps.processes, generation: parts.generation },
    addLaunchRoute: deps.addLaunchRoute,
    preparations: deps.preparations,
    ...{ connections: deps.connections, log },
  };
}
