import type { Logger } from "pino";
import type { NodeActivity } from "../contract/activity.js";
import type { NotebookActivity, NotebookItem } from "../contract/notebook.js";
import { notebookWrites } from "../contract/writes/notebook.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import {
  countIdle,
  isBusyKernel,
  type NotebookIdleness,
  type NotebookSeen,
  type NotebookSighting,
  sightNotebook,
} from "./activity.js";
import { type NotebookView, planNotebookObservation } from "./observation.js";
import { giveUpNode, type NotebookControl, parkNotebook } from "./own-park.js";
import { createNotebookUsageRecords } from "./usage-records.js";

export interface NotebookWatchDeps {
  readonly idleTimeoutMinutes: number | null;
  readonly control: NotebookControl;
  /** Of the cluster that the notebook is attached to. */
  readonly clusterName: string;
  readonly bootedAt: Date;
  /** Never rejects: what can't be seen is null in it. */
  look(): Promise<NotebookSeen>;
  mpiReleaseAt(): Date | null;
  view(): Omit<NotebookView, "activity">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks after the notebook's item: what its agent sees, and its park when nothing has been active for its idle time. */
export interface NotebookWatch {
  start(): void;
  /** A probe has begun or ceased to fail. */
  wake(): void;
  stop(): Promise<void>;
  /** What this node reports to its cluster's head: MPI kernels and what works; what is only open holds no cluster. */
  report(): NodeActivity;
  activity(): NotebookActivity | null;
}

const LOOK_MS = 5_000;
const RETRY_MS = 5_000;
/** A look that is older says nothing. */
const FRESH_MS = 30_000;
/** How often a node whose notebook is PARKED sets its group's size again, until it is ended. */
const GIVE_UP_MS = 30_000;

/** A year: what a report may say at most. */
const MAX_IDLE_SECONDS = 31_536_000;

interface Looked {
  readonly seen: NotebookSeen;
  readonly sighting: NotebookSighting;
  readonly idle: NotebookIdleness;
  readonly at: Date;
  readonly atMs: number;
}

export function createNotebookWatch(deps: NotebookWatchDeps): NotebookWatch {
  const { control, clock, log } = deps;
  const records = createNotebookUsageRecords(deps);
  let looked: Looked | null = null;
  let before: Pick<NotebookIdleness, "idleSince" | "quietSinceMs"> | null = null;
  /** When a kernel or a terminal was last active, in Unix milliseconds; 0: none was. */
  let lastAtMs = 0;
  let gaveUpAtMs = Number.NEGATIVE_INFINITY;

  /** The time of an agent of before goes on, if it was on this node. */
  function firstCount(item: NotebookItem): Pick<NotebookIdleness, "idleSince" | "quietSinceMs"> {
    const { instanceId } = deps.view();
    const known = item.instanceId === instanceId ? Date.parse(item.activity?.idleSince ?? "") : Number.NaN;
    const startMs = Math.max(deps.bootedAt.getTime(), Number.isNaN(known) ? 0 : known);
    return { idleSince: new Date(Math.min(startMs, clock.now().getTime())), quietSinceMs: null };
  }

  async function look(item: NotebookItem): Promise<Looked> {
    const seen = await deps.look();
    const [at, atMs] = [clock.now(), clock.monotonicMs()];
    const sighting = sightNotebook(seen);
    lastAtMs = Math.max(lastAtMs, sighting.lastAt?.getTime() ?? 0, worksIn(seen) > 0 ? at.getTime() : 0);
    const count = { sighting, idleTimeoutMinutes: deps.idleTimeoutMinutes, now: at, nowMs: atMs };
    const idle = countIdle(before ?? firstCount(item), count);
    before = idle;
    looked = { seen, sighting, idle, at, atMs };
    return looked;
  }

  async function step(): Promise<number> {
    const item = await control.readNotebook();
    // Removed, or attached to another cluster: another node is its now.
    if (item === null) return LOOK_MS;
    await records.record(item);
    const { idle } = await look(item);
    if (item.status === "PARKED") return goOnParking();
    if (idle.isOver && item.retiring !== deps.view().instanceId) {
      log.info({ idleSince: idle.idleSince }, "the notebook parks: nothing was active for its idle time");
      if ((await parkNotebook(item, control, clock.now)) === "parked") gaveUpAtMs = clock.monotonicMs();
      return LOOK_MS;
    }
    const view = { ...deps.view(), activity: activity() };
    const observation = planNotebookObservation(item, view, clock.now());
    // Where another status was set meanwhile, the next look sees it.
    if (observation !== null) await control.perform(notebookWrites.observe(item, item, observation));
    return LOOK_MS;
  }

  async function goOnParking(): Promise<number> {
    if (clock.monotonicMs() - gaveUpAtMs < GIVE_UP_MS) return LOOK_MS;
    gaveUpAtMs = clock.monotonicMs();
    await giveUpNode(control);
    return LOOK_MS;
  }

  function activity(): NotebookActivity | null {
    if (looked === null) return null;
    const { seen, idle, at } = looked;
    const kernels = seen.sessions?.kernels ?? null;
    return {
      observedAt: at.toISOString(),
      idleSince: idle.idleSince.toISOString(),
      parksAt: idle.parksAt?.toISOString() ?? null,
      kernels: kernels?.length ?? null,
      busyKernels: kernels?.filter(isBusyKernel).length ?? null,
      terminals: seen.sessions?.terminals.length ?? null,
      mpiReleaseAt: deps.mpiReleaseAt()?.toISOString() ?? null,
    };
  }

  const loop = createLoop({
    step,
    retryMs: RETRY_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "the notebook's item can't be kept; trying again"),
    clock,
  });

  return {
    start: () => void loop.start(),
    wake: loop.wake,
    stop: loop.stop,
    activity,
    report() {
      const nowMs = clock.monotonicMs();
      const isFresh = looked !== null && nowMs - looked.atMs <= FRESH_MS;
      const idleMs = Math.max(0, clock.now().getTime() - lastAtMs);
      const idleSeconds = lastAtMs === 0 ? null : Math.min(MAX_IDLE_SECONDS, Math.floor(idleMs / 1_000));
      const count = isFresh && looked !== null ? countOf(looked.seen) : null;
      return { source: "notebook", count, idleSeconds };
    },
  };
}

/** How many things are active; null: not known. Logins are a source of their own. */
function countOf(seen: NotebookSeen): number | null {
  const isKnown = seen.sessions !== null && seen.busyTerminals !== null;
  const works = worksIn(seen);
  return works > 0 || isKnown ? works : null;
}

const worksIn = ({ sessions, busyTerminals, mpiKernels }: NotebookSeen): number =>
  (sessions?.kernels.filter(isBusyKernel).length ?? 0) + (busyTerminals ?? 0) + mpiKernels;
