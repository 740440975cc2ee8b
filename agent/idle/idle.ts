import type { Logger } from "pino";
import type { ClusterActivity, SourceActivity } from "../contract/activity.js";
import { isJobEnded } from "../contract/job-state.js";
import { isWorker } from "../contract/node-kind.js";
import { beginPark, continuePark, isLeaving, type ParkControl, resumeCluster } from "../contract/park.js";
import type { Because, JobReasonCode } from "../contract/reasons.js";
import type { ClusterItem, JobItem } from "../contract/registry.js";
import { clusterWrites } from "../contract/writes/cluster.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import { NOT_HEAD_MS } from "../time/resting.js";
import { type BudgetWatchDeps, createBudgetWatch } from "./budget.js";
import { activityOf, decideIdle, isWorthWriting } from "./decide.js";
import { createResumeWatch } from "./resuming.js";
import { type NodeSeen, observeSources, type SourcesSeen } from "./sources.js";

export interface IdleDeps {
  readonly control: ParkControl;
  /** META as it was up to two seconds ago, or some five where it has not changed for a minute: what is done by it is conditional. */
  readCluster(): Promise<ClusterItem | null>;
  /** The held lease's generation; null while this node is not head. */
  generation(): number | null;
  readonly self: { readonly id: string; readonly bootedAt: string };
  jobs(): SourcesSeen["jobs"];
  /** The ids of the jobs that wait. */
  waiting(): Promise<readonly string[]>;
  /** Ends a job that no head has claimed. */
  refuse(jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  /** Ends an instance of the group, which starts another one. */
  replace(instanceId: string): Promise<void>;
  usageOf: BudgetWatchDeps["usageOf"];
  readJob(jobId: string): Promise<Pick<JobItem, "status" | "logState" | "endedAt"> | null>;
  nextSlot(): SourcesSeen["nextSlot"];
  /** The nodes that the head knows; null: it is too early in its term. */
  nodes(): readonly NodeSeen[] | null;
  /** The cluster's status, or its size, has changed: the head's look at it is due. */
  onChange(): void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Decides, on the head, whether the cluster is idle; parks it then, and resumes it where Auto Scaling has woken it. */
export interface Idle {
  /** Begins. Call once. */
  start(): void;
  /** Waits for the step in progress. */
  stop(): Promise<void>;
  /** Looks now: the cluster may have changed. */
  wake(): void;
  /** The activity as this head last saw it; null: it is not head, or has not looked. */
  seen(): ClusterActivity | null;
}

const LOOK_MS = 5_000;
/** While it parks, or has just been resumed. */
const SOON_MS = 1_000;
const RETRY_MS = 5_000;
const LONGEST_PAUSE_MS = 4 * LOOK_MS;
/** How soon a slot has to be due, at least: Auto Scaling wakes for it 10 minutes before, and must not meet a park. */
const LEAST_HORIZON_MS = 15 * 60_000;
/** How long a cluster that was made for one job waits for that job's log. */
const LOG_WAIT_MS = 10 * 60_000;

/** What this head knows in its term. */
interface Term {
  readonly generation: number;
  /** Since when no source was active or unknown, on its own clock; null: one was at the last look. */
  quietSinceMs: number | null;
  /** When it last looked. */
  lookedAtMs: number;
  seen: ClusterActivity | null;
  /** As META has it, by this head's last write or its first read. */
  written: ClusterActivity | undefined;
}

/** A newer head has written: this one is none any more. */
class DeposedError extends Error {
  override readonly name = "DeposedError";
}

/** Makes it; it does nothing before `start`. */
export function createIdle(deps: IdleDeps): Idle {
  const { clock, log } = deps;
  const now = () => clock.now();
  let term: Term | null = null;

  /** The control under the held generation: a head that another has replaced writes nothing. */
  const control: ParkControl = {
    ...deps.control,
    async readCluster() {
      const cluster = await deps.control.readCluster();
      const generation = deps.generation();
      if (cluster === null) return null;
      if (generation === null || cluster.leaseGeneration > generation)
        throw new DeposedError("another node is head");
      return { ...cluster, leaseGeneration: generation };
    },
  };
  const resuming = createResumeWatch({
    ...{ control, waiting: deps.waiting, refuse: deps.refuse, now, leaving },
    replace: (id) =>
      // One that ends already can't be ended.
      deps.replace(id).catch((error: unknown) => {
        log.warn({ node: id, reason: reasonOf(error) }, "a node of the last park could not be replaced");
      }),
    monotonicMs: clock.monotonicMs,
  });
  const budget = createBudgetWatch({
    ...{ control, now, generation: deps.generation, usageOf: deps.usageOf },
    ...{ waiting: deps.waiting, refuse: deps.refuse, runningJob: () => deps.jobs().running },
    monotonicMs: clock.monotonicMs,
  });
  const loop = createLoop({
    step,
    retryMs: RETRY_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "idle: trying again; the cluster does not park"),
    clock,
  });

  async function step(): Promise<number> {
    const generation = deps.generation();
    if (generation === null) {
      term = null;
      return NOT_HEAD_MS;
    }
    const cluster = await deps.readCluster();
    if (cluster === null) return LOOK_MS;
    if (term?.generation !== generation)
      term = { generation, quietSinceMs: null, lookedAtMs: 0, seen: null, written: cluster.activity };
    switch (cluster.clusterStatus) {
      case "PARKED":
        return parked(cluster);
      case "INPROGRESS":
        if (await resuming.look(cluster)) await park();
        return SOON_MS;
      case "FINISHED":
      case "FAILED":
        if (!(await budget.look(cluster))) return count(term, cluster);
        await park();
        return SOON_MS;
      default:
        return LOOK_MS;
    }
  }

  /** This node last: the others would wait for another head. */
  function leaving({ park: last }: ClusterItem): readonly string[] {
    const left = (deps.nodes() ?? []).filter(
      (node) => isWorker(node) && node.isHeard && isLeaving(last, node.bootedAt, now()),
    );
    const isSelf = ({ id }: NodeSeen) => id === deps.self.id;
    return [...left.filter((node) => !isSelf(node)), ...left.filter(isSelf)].map(({ id }) => id);
  }

  /** Goes on with a park, or notices that this node is not of one: then Auto Scaling's schedule has started it. */
  async function parked(cluster: ClusterItem): Promise<number> {
    if (cluster.phase === "parking") await park();
    else if (cluster.phase === "parked" && !isLeaving(cluster.park, deps.self.bootedAt, now())) {
      log.info({}, "this node is of no park: the cluster wakes");
      const outcome = await resumeCluster(control, "an Auto Scaling schedule", now);
      // Its budget is spent: this node goes again.
      if (outcome.is === "held" && cluster.fleet !== undefined) await control.setSize(cluster.fleet.group, 0);
      deps.onChange();
    }
    return SOON_MS;
  }

  async function park(): Promise<void> {
    const outcome = await continuePark(control, now);
    log.info(outcome, "park");
    deps.onChange();
  }

  async function count(mine: Term, cluster: ClusterItem): Promise<number> {
    const sources = observe(mine, cluster);
    const isQuiet = sources.every(({ state }) => state === "idle");
    const quietMs = quietFor(mine, isQuiet);
    const isDedicatedJobOver = await isOver(cluster.dedicatedTo);
    const facts = { cluster, sources, isDedicatedJobOver, quietMs, now: now() };
    const decision = decideIdle(facts);
    if (decision.is === "park") {
      const fresh = await control.readCluster();
      if (fresh !== null && isAsSeen(cluster, fresh) && (await beginPark(control, fresh, decision.why, now)))
        await park();
      return SOON_MS;
    }
    const idleSince = decision.idleSince.toISOString();
    const warnedBefore = (mine.seen ?? mine.written)?.warnedFor;
    if (decision.isNearEnd && warnedBefore !== idleSince) warn(cluster, decision.parksAt);
    const warnedFor = decision.isNearEnd ? idleSince : undefined;
    mine.seen = activityOf(decision, facts, warnedFor);
    if (isWorthWriting(mine.written, mine.seen)) await write(mine, cluster, mine.seen);
    return LOOK_MS;
  }

  /** A pause between two looks, as of a registry that did not answer, is no quiet: what was in it is not known. */
  function quietFor(mine: Term, isQuiet: boolean): number {
    const nowMs = clock.monotonicMs();
    const hasPaused = nowMs - mine.lookedAtMs > LONGEST_PAUSE_MS;
    const sinceMs = hasPaused ? nowMs : (mine.quietSinceMs ?? nowMs);
    mine.quietSinceMs = isQuiet ? sinceMs : null;
    mine.lookedAtMs = nowMs;
    return isQuiet ? nowMs - sinceMs : 0;
  }

  function observe(mine: Term, cluster: ClusterItem): readonly SourceActivity[] {
    const timeoutMs = (cluster.idleTimeoutMinutes ?? 0) * 60_000;
    return observeSources({
      ...{ jobs: deps.jobs(), nextSlot: deps.nextSlot(), nodes: deps.nodes(), now: now() },
      keepAliveUntil: cluster.keepAliveUntil,
      countSshSessions: cluster.countSshSessions ?? true,
      horizonMs: Math.max(timeoutMs, LEAST_HORIZON_MS),
      before: mine.seen ?? cluster.activity,
    });
  }

  function warn({ name }: ClusterItem, parksAt: Date | null): void {
    const text = `cluster ${name} parks at ${parksAt?.toISOString()} unless there is work`;
    deps.control.note({ code: "idle-warning", text });
    log.info({ parksAt }, "idle: the timeout runs out soon");
  }

  async function write(mine: Term, { uuid }: ClusterItem, activity: ClusterActivity): Promise<void> {
    const isWritten = await deps.control.perform(clusterWrites.noteActivity(uuid, mine.generation, activity));
    if (isWritten) mine.written = activity;
  }

  /** Whether the one job is over, with its log where that comes in time: the cluster's files go with it. */
  async function isOver(jobId: string | undefined): Promise<boolean | null> {
    if (jobId === undefined) return null;
    const job = await deps.readJob(jobId);
    // Not submitted yet, or never: then the timeout alone counts.
    if (job === null) return null;
    if (!isJobEnded(job.status)) return false;
    const endedMs = Date.parse(job.endedAt ?? "");
    return job.logState !== "pending" || !(now().getTime() - endedMs < LOG_WAIT_MS);
  }

  return {
    start: () => void loop.start(),
    stop: () => loop.stop(),
    wake: loop.wake,
    seen: () => (deps.generation() === null ? null : (term?.seen ?? null)),
  };
}

/** What the decision depended on is as it was. */
const isAsSeen = (seen: ClusterItem, fresh: ClusterItem): boolean =>
  seen.clusterStatus === fresh.clusterStatus &&
  seen.keepAliveUntil === fresh.keepAliveUntil &&
  seen.idleTimeoutMinutes === fresh.idleTimeoutMinutes;
