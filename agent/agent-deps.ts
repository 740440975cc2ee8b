import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { NewEvent } from "./contract/event.js";
import type { StatusOfCluster } from "./contract/http.js";
import type { Offered } from "./contract/offer.js";
import type { ParkControl } from "./contract/park.js";
import type { JobItem } from "./contract/registry.js";
import type { CleanerDeps, ClusterFiles } from "./head/cleaner.js";
import type { GroupControl } from "./head/group.js";
import type { HostfilePort } from "./head/hostfile-writer.js";
import type { HeadDeps } from "./head/ports.js";
import type { LastWords } from "./head/replacements.js";
import type { AppDeps } from "./http/app.js";
import type { ConnectionLimits } from "./http/connections.js";
import type { JobRecordsView, JobSubmissions } from "./http/job-routes.js";
import type { IdleDeps } from "./idle/idle.js";
import type { HeadView, JobHost, JobRegistry } from "./jobs/ports.js";
import type { PreflightRouteDeps } from "./jobs/preflight-route.js";
import type { JobRunner } from "./jobs/runner.js";
import type { Orphans, OrphansDeps } from "./launcher/orphans.js";
import type { LeaseStore } from "./lease/keeper.js";
import type { LogViewDeps } from "./logs/views.js";
import type { ClusterKeys } from "./node/cluster-keys.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import type { NoticeWatchDeps } from "./node/notice-watch.js";
import type { HomeLeases } from "./notebook/homes.js";
import type { NotebookNode } from "./notebook-node.js";
import type { DialPeer } from "./peers/head-link.js";
import type { ReadinessProbe } from "./probes/readiness.js";
import type { SchedulerDeps } from "./schedules/scheduler.js";
import type { Schedules } from "./schedules/schedules.js";
import type { QueueView } from "./status/queue-view.js";
import type { Clock } from "./time/clock.js";
import type { EventHistory } from "./watching/feed.js";
import type { Counts, PendingLogs } from "./watching/metrics.js";

/** Everything on a node that the agent does not create itself. */
export interface AgentDeps {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly cores: number;
  /** Not started yet. */
  readonly keys: ClusterKeys;
  readonly lease: LeaseStore;
  readonly cluster: HeadDeps["cluster"] & Pick<CleanerDeps, "noteFiles"> & Pick<IdleDeps, "usageOf">;
  readonly submissions: JobSubmissions;
  readonly jobsView: JobRecordsView;
  readonly jobs: Pick<JobRegistry, "queue" | "read" | "readAttempt">;
  /** The queue of `jobs`, by which the runner looks too. */
  readonly queueView: QueueView;
  /** Where attempts' output is. */
  readonly outputs: LogViewDeps["outputs"];
  readonly logBucket: LogViewDeps["bucket"];
  readonly hostfile: HostfilePort;
  readonly files: ClusterFiles;
  readonly probes: readonly ReadinessProbe[];
  readonly dial: DialPeer;
  /** Offers a new job to the head at that address. */
  offer(address: string, job: JobItem): Promise<Offered>;
  /** The processes of jobs on this node. */
  readonly processes: JobHost;
  /** What a park reads and writes of the registry. */
  readonly parking: Pick<ParkControl, "perform" | "unendedJobs">;
  /** When this machine booted, by its own clock. */
  readonly bootedAt: Date;
  /** How many people are logged in on this node. Bounded; rejects where it can't count them. */
  countLogins(): Promise<number>;
  /** The cluster's Auto Scaling group. */
  readonly group: GroupControl;
  /** Adds to the cluster's history; it never fails, and is waited for by none. */
  note(event: NewEvent): void;
  /** The cluster's history. */
  readonly history: EventHistory;
  readonly counts: Counts;
  /** How many attempts' output is not wholly in the log bucket. */
  pendingLogs(): Promise<PendingLogs>;
  /** Reads what EC2 announces about this node. */
  readonly readNotices: NoticeWatchDeps["read"];
  readonly lastWords: LastWords;
  readonly keepJournal: AppDeps["keepJournal"];
  readonly openApiDocument: AppDeps["openApiDocument"];
  /** What this node answers a head's preflight. */
  readonly preflight: PreflightRouteDeps;
  readonly recheck: HeadDeps["recheck"];
  createRunner(head: HeadView): JobRunner;
  createSchedules(
    head: Pick<HeadView, "generation"> & Pick<SchedulerDeps, "wake"> & { onSubmitted(): void },
  ): Schedules;
  addLaunchRoute(app: FastifyInstance, knownHead: () => StatusOfCluster["head"]): void;
  /** The homes of the cluster's notebooks on this node. Not started yet. */
  readonly homes: HomeLeases;
  /** Of a notebook's node only. Not started yet. */
  readonly notebook?: NotebookNode;
  readonly preparations: AppDeps["preparations"];
  /** What may still run here although it is over. */
  createOrphans(hears: Pick<OrphansDeps, "onChange" | "onRunning">): Orphans;
  readonly connections: ConnectionLimits;
  readonly clock: Clock;
  readonly log: Logger;
}
