import type { AgentDeps } from "./agent-deps.js";
import type { NodeActivity } from "./contract/activity.js";
import type { ParkControl } from "./contract/park.js";
import type { ClusterItem } from "./contract/registry.js";
import { jobWrites } from "./contract/writes/job.js";
import type { Head } from "./head/ports.js";
import type { Idle } from "./idle/idle.js";
import { createIdle } from "./idle/idle.js";
import { createLoginWatch } from "./idle/logins.js";
import type { ActivityReports } from "./idle/reports.js";
import { createActivityReports } from "./idle/reports.js";
import { isUnreadable } from "./jobs/ports.js";
import type { JobRunner } from "./jobs/runner.js";
import type { Schedules } from "./schedules/schedules.js";

/** What of a running agent decides whether the cluster is idle. */
interface Watched {
  readonly node: { readonly id: string; readonly bootedAt: string };
  readonly control: ParkControl;
  generation(): number | null;
  readCluster(): Promise<ClusterItem | null>;
  readonly head: Pick<Head, "nodes" | "wake">;
  readonly runner: Pick<JobRunner, "seen">;
  nextSlot: Schedules["nextSlot"];
}

/** The activity of this node, and on the head that of the cluster, which parks where there is none. */
export interface WatchedActivity extends Pick<Idle, "seen" | "start" | "stop" | "wake"> {
  /** What this node has to say of itself. */
  here(): NodeActivity[];
  /** Another node has said it. */
  note(id: string, seen: Parameters<ActivityReports["note"]>[1]): void;
}

export function watchActivity(deps: AgentDeps, watched: Watched): WatchedActivity {
  const { config, clock, log } = deps;
  const { node, control, generation, readCluster, head } = watched;
  const logins = createLoginWatch({ count: deps.countLogins, clock, log });
  const reports = createActivityReports(clock);
  const here = () => [logins.report(), ...(deps.notebook === undefined ? [] : [deps.notebook.report()])];
  const nodes = () => {
    reports.note(node.id, here());
    const known = head.nodes();
    if (known !== null) reports.keepOnly(new Set(known.map(({ id }) => id)));
    return known?.map((one) => ({ ...one, ...reports.of(one.id) })) ?? null;
  };
  const idle = createIdle({
    ...{ control, readCluster, generation, self: node, nodes, clock, log },
    jobs: () => watched.runner.seen(),
    waiting: async () =>
      (await deps.jobs.queue()).flatMap((job) =>
        !isUnreadable(job) && job.status === "NEW" ? [job.id] : [],
      ),
    refuse: (id, why, now) =>
      deps.parking.perform(jobWrites.refuse({ clusterUuid: config.clusterUuid, id }, why, now)),
    replace: (id) => deps.group.end(id, true),
    usageOf: deps.cluster.usageOf,
    readJob: deps.jobs.read,
    nextSlot: watched.nextSlot,
    onChange: () => head.wake(),
  });
  return {
    here,
    note: reports.note,
    seen: idle.seen,
    wake: idle.wake,
    start() {
      logins.start();
      idle.start();
    },
    async stop() {
      await Promise.all([logins.stop(), idle.stop()]);
    },
  };
}
