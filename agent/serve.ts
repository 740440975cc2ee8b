import type { AgentDeps } from "./agent-deps.js";
import type { AgentParts } from "./agent-parts.js";
import { viewActivity } from "./contract/activity-view.js";
import { wakeForJob } from "./contract/park.js";
import type { AppDeps } from "./http/app.js";
import { createLogViews } from "./logs/views.js";
import { recentOfEach } from "./time/recent-of-each.js";
import { createEventFeed } from "./watching/feed.js";
import { createMetrics } from "./watching/metrics.js";

/** What of a running agent its API shows or reaches. */
interface Served extends Omit<AgentParts, "keeper" | "link" | "role" | "schedules" | "isReady"> {
  /** The node's failing probes, with the one that asks for a head. */
  failingHere(): readonly string[];
}

/** The agent's API, as what each of its routes needs. */
export function servedBy(deps: AgentDeps, parts: Served): AppDeps {
  const { config, keys, clock, log } = deps;
  // Of a job that is asked for again and again, all requests of a moment share a read.
  const seenJob = recentOfEach(deps.jobs.read, { freshMs: 200, mayServe: (job) => job !== null, clock });
  return {
    keys,
    failingProbes: parts.failingHere,
    status: { clusterUuid: config.clusterUuid, read: parts.status.read },
    activity: {
      ...{
        clusterUuid: config.clusterUuid,
        control: parts.control,
        seen: parts.activity.seen,
        now: () => clock.now(),
      },
      readCluster: parts.openCluster.get,
    },
    jobs: {
      clusterUuid: config.clusterUuid,
      submissions: deps.submissions,
      view: deps.jobsView,
      wake: (job) => wakeForJob(parts.control, job, clock.now),
      readJob: deps.jobs.read,
      readCluster: parts.openCluster.get,
      startNow: parts.toHead.startNow,
      nudge(given) {
        // A nudge for no job comes after a rotation of the secret, too.
        if (given.jobId === null) keys.doubt();
        parts.toHead.nudge(given);
      },
      now: () => clock.now(),
      clock,
    },
    logs: {
      views: createLogViews({
        ...{ outputs: deps.outputs, bucket: deps.logBucket, clock },
        readJob: seenJob,
        readAttempt: deps.jobs.readAttempt,
      }),
      clock,
    },
    events: {
      history: deps.history,
      feed: createEventFeed({ history: deps.history, clock, log }),
      now: () => clock.now(),
    },
    openApiDocument: deps.openApiDocument,
    metrics: createMetrics({
      probes: () => {
        const failing = parts.health.failingProbes();
        const names = new Set([...deps.probes.map(({ name }) => name), ...failing]);
        return [...names].map((name) => ({ name, isPassing: !failing.includes(name) }));
      },
      generation: parts.generation,
      nodesByState: parts.head.nodesByState,
      isJobRunning: () => parts.runner.running() !== null,
      pendingLogs: deps.pendingLogs,
      idleSecondsLeft() {
        const [cluster, now] = [parts.head.seen()?.meta, clock.now()];
        return cluster === undefined
          ? null
          : viewActivity(cluster, now, parts.activity.seen() ?? undefined).secondsLeft;
      },
      counts: deps.counts,
    }),
    peers: parts.peers,
    preflight: deps.preflight,
    // A head of before passes nothing on.
    offers: { clusterUuid: config.clusterUuid, startNow: parts.runner.startNow },
    keepJournal: deps.keepJournal,
    notebooks: { hold: parts.hold, homes: deps.homes },
    jobHost: { processes: deps.processes, generation: parts.generation },
    addLaunchRoute: (app) => deps.addLaunchRoute(app, parts.toHead.known),
    preparations: deps.preparations,
    ...{ connections: deps.connections, log },
  };
}
