import type { Logger } from "pino";
import { jobIdFor } from "../contract/job.js";
import { jobOf, slotKey } from "../contract/job-definition.js";
import type { ScheduleItem } from "../contract/job-schedule-state.js";
import { describeSchedule, nextSlot } from "../contract/job-slots.js";
import { because } from "../contract/reasons.js";
import type { JobDefinitionItem, JobItem } from "../contract/registry.js";
import type { ScheduleChange } from "../contract/writes/schedule.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { decideOverlap, firstSight, isAbout, isClosing, withMissed, withoutJobs } from "./decide.js";
import { dueSlots } from "./due-slots.js";
import type { PendingJob, ScheduledDefinition, ScheduleRegistry, Ticks } from "./ports.js";

export interface SchedulerDeps {
  readonly registry: ScheduleRegistry;
  readonly accepts: Ticks["accepts"];
  /** The held lease's generation; null while this node is not head. */
  generation(): number | null;
  /** Gives a parked cluster its nodes back, for a job that was submitted. What is declared to run runs, so it refuses none. */
  wake(job: JobItem): Promise<unknown>;
  /** The queue has changed. */
  onSubmitted(): void;
  readonly clock: Pick<Clock, "monotonicMs" | "now">;
  readonly log: Logger;
}

/** Submits the jobs of definitions' schedules while this node is head. */
export interface Scheduler {
  /**
   * Decides every slot that is due. Never two looks at once. Costs nothing while no slot is due, but for a read of the definitions
   * every 10 s. Throws, after it has done what it could, where the registry does not answer: the next look goes on. Gives whether there is
   * a slot to look out for.
   */
  look(): Promise<boolean>;
  /** The next slot of all schedules; null: there is none. Unknown while this node is not head, or has not read them. */
  nextSlot(): Date | null | "unknown";
}

/** A definition's schedule, how far it is, and when its next slot is. */
interface Watched {
  readonly definition: ScheduledDefinition;
  readonly item: ScheduleItem;
  readonly dueAtMs: number;
}

/** What a head knows in its term. */
interface Term {
  readonly generation: number;
  /** By the definition's name. */
  readonly watched: Map<string, Watched>;
  readonly items: Map<string, ScheduleItem>;
  /** When the definitions were read: on its own clock, and by the wall's. */
  readAtMs: number;
  readAt: Date | null;
}

/** How soon a definition that Terraform has written is seen. */
const REREAD_MS = 10_000;

/** Another head, or a hand, has written: what this one knows is not so any more. */
class StaleError extends Error {
  override readonly name = "StaleError";
}

/** Makes the scheduler; it does nothing before `look`. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { registry, clock, log, accepts } = deps;
  let term: Term | null = null;

  async function begin(generation: number): Promise<Term> {
    const items = new Map((await registry.schedules()).map((item) => [item.name, item]));
    return { generation, watched: new Map(), items, readAtMs: Number.NEGATIVE_INFINITY, readAt: null };
  }

  function watch({ watched, items }: Term, definition: ScheduledDefinition, item: ScheduleItem): void {
    items.set(item.name, item);
    const next =
      item.reasonCode === null ? nextSlot(definition.schedule, new Date(item.scheduledThrough)) : null;
    watched.set(item.name, { definition, item, dueAtMs: next?.getTime() ?? Number.POSITIVE_INFINITY });
  }

  async function refresh(mine: Term): Promise<void> {
    const readAt = clock.now();
    const definitions = await registry.definitions();
    const names = new Set(definitions.map(({ name }) => name));
    for (const definition of definitions) await reconcile(mine, definition);
    Object.assign(mine, { readAt, readAtMs: clock.monotonicMs() });
    for (const item of [...mine.items.values()]) if (!names.has(item.name)) await forget(mine, item);
  }

  async function reconcile(mine: Term, definition: ScheduledDefinition): Promise<void> {
    const known = mine.items.get(definition.name);
    if (known !== undefined && isAbout(known, definition, accepts)) return watch(mine, definition, known);
    const between = { notBefore: mine.readAt, now: clock.now(), accepts };
    const item = firstSight(definition, mine.generation, between);
    if (!(await registry.begin(item))) throw new StaleError(`${item.name}: a newer head has written`);
    const { name, reason } = item;
    log.info({ definition: name, schedule: describeSchedule(definition.schedule), reason }, "schedule");
    watch(mine, definition, item);
  }

  async function forget(mine: Term, item: ScheduleItem): Promise<void> {
    // The list may lag behind.
    const definition = await registry.definition(item.name);
    if (definition?.id === item.definitionId && definition.schedule !== undefined) return;
    await registry.forget(item, mine.generation);
    mine.items.delete(item.name);
    mine.watched.delete(item.name);
    log.info({ definition: item.name }, "the schedule is gone");
  }

  /** Decides what is due of one schedule. */
  async function decide(mine: Term, { item }: Watched): Promise<void> {
    if (isClosing(await registry.cluster())) return;
    const definition = await registry.definition(item.name);
    if (!isScheduled(definition) || !isAbout(item, definition, accepts)) {
      mine.watched.delete(item.name);
      mine.readAtMs = Number.NEGATIVE_INFINITY;
      return;
    }
    const due = await dueSlots(definition.schedule, new Date(item.scheduledThrough), clock.now());
    const change = withoutJobs(item, definition.schedule, due);
    if (due.slot !== null) await decideSlot(mine, { definition, item, change, slot: due.slot });
    else await write(mine, { definition, item, change });
  }

  async function decideSlot(mine: Term, at: SlotAt): Promise<void> {
    const { definition, item, slot } = at;
    const own = jobIdFor(definition.clusterUuid, slotKey(definition, slot));
    const { jobs: pending, waiting } = await registry.pendingJobs(definition.id, item.lastJobId);
    const jobs = pending.filter(({ id }) => id !== own);
    // Where its own is there already, it needs no room.
    const isThere = jobs.length < pending.length;
    const decision = decideOverlap(definition.schedule.ifRunning, { jobs, waiting: isThere ? 0 : waiting });
    if (deps.generation() !== mine.generation) throw new StaleError("this node is no longer head");
    if (decision.type === "skip") {
      const change = withMissed(
        at.change,
        { first: slot, last: slot, count: 1 },
        decision.why,
        decision.jobId,
      );
      log.warn({ definition: item.name, slot, ...decision.why }, "a slot has no job");
      return write(mine, { ...at, change });
    }
    if (decision.type === "replace") await cancel(decision.jobs, definition.name, slot);
    await submit(mine, at);
  }

  async function submit(mine: Term, { definition, item, change, slot }: SlotAt): Promise<void> {
    const origin = { submittedBy: `schedule:${item.name}`, slot: slot.toISOString() };
    const job = jobOf(definition, clock.now(), slotKey(definition, slot), origin);
    const decided = {
      ...change,
      ...{ scheduledThrough: slot.toISOString(), lastSlot: slot.toISOString(), lastJobId: job.id },
    };
    if (await registry.submit(job, item, mine.generation, decided)) {
      log.info({ definition: item.name, slot, jobId: job.id }, "a slot's job is submitted");
      deps.onSubmitted();
      watch(mine, definition, { ...item, ...decided });
      await deps.wake(job);
      return;
    }
    // It is there already: its slot is decided, and was not written down.
    if (await registry.hasJob(job.id)) return write(mine, { definition, item, change: decided });
    throw new StaleError(`${item.name}: it was written meanwhile`);
  }

  async function write(mine: Term, { definition, item, change }: Omit<SlotAt, "slot">): Promise<void> {
    if (!(await registry.advance(item, mine.generation, change)))
      throw new StaleError(`${item.name}: it was written meanwhile`);
    watch(mine, definition, { ...item, ...change });
  }

  /** The one that waits ends at once; the one that runs is asked to. Before the new job is there: a crash in between only waits. */
  async function cancel(jobs: readonly PendingJob[], name: string, slot: Date): Promise<void> {
    const why = because("replaced-by-schedule", `replaced by the slot ${slot.toISOString()} of ${name}`);
    for (const { id } of jobs) {
      if (!(await registry.cancelQueued(id, why, clock.now()))) await registry.requestCancel(id, why);
    }
  }

  async function lookAll(mine: Term): Promise<void> {
    let failure: { readonly error: unknown } | null = null;
    if (clock.monotonicMs() - mine.readAtMs >= REREAD_MS) await refresh(mine);
    const nowMs = clock.now().getTime();
    const due = [...mine.watched.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    for (const watched of due.sort((a, b) => a.dueAtMs - b.dueAtMs)) {
      if (deps.generation() !== mine.generation) return;
      // One that can't be decided keeps no other from its slots.
      await decide(mine, watched).catch((error: unknown) => {
        failure ??= { error };
      });
    }
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
  }

  return {
    nextSlot() {
      if (term === null || term.generation !== deps.generation() || term.readAt === null) return "unknown";
      const nextMs = Math.min(...[...term.watched.values()].map(({ dueAtMs }) => dueAtMs));
      return Number.isFinite(nextMs) ? new Date(nextMs) : null;
    },
    async look() {
      const generation = deps.generation();
      if (generation === null) {
        term = null;
        return false;
      }
      if (term?.generation !== generation) term = await begin(generation);
      try {
        await lookAll(term);
        return [...term.watched.values()].some(({ dueAtMs }) => Number.isFinite(dueAtMs));
      } catch (error) {
        // What it knows is read again; the slots are still to be decided.
        if (error instanceof StaleError) {
          term = null;
          log.warn({ reason: reasonOf(error) }, "schedules: reading again");
          return true;
        }
        throw error;
      }
    },
  };
}

type ScheduledItem = JobDefinitionItem & Pick<ScheduledDefinition, "schedule">;

const isScheduled = (definition: JobDefinitionItem | null): definition is ScheduledItem =>
  definition?.schedule !== undefined;

/** A schedule that is decided up to a slot. `change`: what was decided before it. */
interface SlotAt {
  readonly definition: ScheduledItem;
  readonly item: ScheduleItem;
  readonly change: ScheduleChange;
  readonly slot: Date;
}
