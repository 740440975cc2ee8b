import { isDeepStrictEqual } from "node:util";
import { isClosed } from "../contract/cluster-state.js";
import { MAX_WAITING_JOBS } from "../contract/job-admission.js";
import { JobSchedule } from "../contract/job-schedule.js";
import { MAX_MISSED_RECORDS, type MissedSlots, type ScheduleItem } from "../contract/job-schedule-state.js";
import { scheduleProblems, timingOf } from "../contract/job-slots.js";
import { renderReason, schemaProblems, shownValue } from "../contract/problems.js";
import { type Because, because, NO_REASON, type ScheduleReasonCode } from "../contract/reasons.js";
import type { ClusterItem } from "../contract/registry.js";
import {
  DEFAULT_OVERLAP_POLICY,
  DEFAULT_STARTING_DEADLINE_SECONDS,
  type OverlapPolicy,
} from "../contract/schedule-policy.js";
import type { ScheduleChange } from "../contract/writes/schedule.js";
import type { DueSlots, SlotRange } from "./due-slots.js";
import type { PendingJob, PendingJobs, ScheduledDefinition, Ticks } from "./ports.js";

type WithSchedule = Pick<ScheduledDefinition, "id" | "schedule">;

/** Whether the schedule's item is about the definition's schedule as it is. */
export const isAbout = (
  item: ScheduleItem,
  { id, schedule }: WithSchedule,
  accepts: Ticks["accepts"],
): boolean =>
  item.definitionId === id &&
  item.reason === (whyInvalid(schedule, accepts)?.reason ?? null) &&
  isDeepStrictEqual(item.timing, timingOf(schedule));

/**
 * The item of a schedule that is seen for the first time, or with another timing. Its slots count from when the definition was
 * written, so that an edit never runs a slot of the past, and a slot just after it is not lost. Clocks of other machines count no
 * further than that is between `notBefore`, when the definition was not so yet, and `now`.
 */
export function firstSight(
  definition: ScheduledDefinition,
  leaseGeneration: number,
  {
    notBefore,
    now,
    accepts,
  }: { readonly notBefore: Date | null; readonly now: Date } & Pick<Ticks, "accepts">,
): ScheduleItem {
  const { id: definitionId, clusterUuid, name, schedule, updatedAt } = definition;
  const written = Date.parse(updatedAt);
  const since = Math.max(notBefore?.getTime() ?? 0, Number.isNaN(written) ? now.getTime() : written);
  return {
    ...{ clusterUuid, name, definitionId, leaseGeneration, timing: timingOf(schedule) },
    ...(whyInvalid(schedule, accepts) ?? NO_REASON),
    scheduledThrough: new Date(Math.min(since, now.getTime())).toISOString(),
    ...{ lastSlot: null, lastJobId: null, missedCount: 0, missed: [] },
  };
}

/** Null: it can be followed. */
function whyInvalid(schedule: JobSchedule, accepts: Ticks["accepts"]): Because<"schedule-invalid"> | null {
  const shape = [...schemaProblems(JobSchedule, schedule, "schedule")];
  const problems = shape.length > 0 ? shape : [...scheduleProblems(schedule)];
  if (problems.length === 0 && schedule.cron !== undefined && !accepts(schedule.cron))
    problems.push(`cron: got ${shownValue(schedule.cron)}; the cron library refuses it`);
  return problems.length === 0
    ? null
    : because("schedule-invalid", renderReason("the schedule can't be followed", problems));
}

/** Whether the cluster gets no job of a schedule now: it is being removed, or its fleet is. */
export const isClosing = (cluster: ClusterItem | null): boolean =>
  cluster === null || isClosed(cluster) || cluster.phase === "draining" || cluster.phase === "no-nodes";

/** What a slot does beside the definition's other jobs. */
export type OverlapDecision =
  | { readonly type: "submit" }
  | { readonly type: "replace"; readonly jobs: readonly PendingJob[] }
  | { readonly type: "skip"; readonly why: Because<ScheduleReasonCode>; readonly jobId: string | null };

/** `jobs`: without the slot's own. */
export function decideOverlap(
  policy: OverlapPolicy = DEFAULT_OVERLAP_POLICY,
  { jobs: pending, waiting: waitingInAll }: PendingJobs,
): OverlapDecision {
  const [first] = pending;
  const waiting = pending.find(({ status }) => status === "NEW");
  // Of those that are replaced, one that waits makes room.
  const isFull = waitingInAll >= MAX_WAITING_JOBS && !(policy === "replace" && waiting !== undefined);
  const refusal = isFull ? skip("schedule-skipped-queue-full", FULL, null) : null;
  if (first === undefined) return refusal ?? { type: "submit" };
  if (policy === "replace") return refusal ?? { type: "replace", jobs: pending };
  if (policy === "skip") {
    const { id, status } = pending.find((job) => job.status === "INPROGRESS") ?? first;
    const how = status === "NEW" ? "waits" : "runs";
    return skip("schedule-skipped-running", `job ${id} still ${how}, and ifRunning is skip`, id);
  }
  if (waiting === undefined) return refusal ?? { type: "submit" };
  const reason = `job ${waiting.id} waits already, and a schedule queues one at most`;
  return skip("schedule-skipped-waiting", reason, waiting.id);
}

const FULL = `${MAX_WAITING_JOBS} jobs wait on the cluster, and no more may`;
const skip = (code: ScheduleReasonCode, reason: string, jobId: string | null): OverlapDecision => ({
  type: "skip",
  why: because(code, reason),
  jobId,
});

/** The schedule after slots without a job. Slots in a row for one reason are one record. */
export function withMissed(
  item: ScheduleChange,
  { first, last, count }: SlotRange,
  why: Because<ScheduleReasonCode>,
  jobId: string | null = null,
): ScheduleChange {
  const newest = item.missed.at(-1);
  const goesOn =
    newest?.reasonCode === why.reasonCode &&
    newest.jobId === jobId &&
    (item.lastSlot === null || item.lastSlot < newest.first);
  const record: MissedSlots = {
    first: goesOn ? newest.first : first.toISOString(),
    last: last.toISOString(),
    count: (goesOn ? newest.count : 0) + count,
    ...why,
    jobId,
  };
  const before = goesOn ? item.missed.slice(0, -1) : item.missed;
  return {
    ...item,
    scheduledThrough: last.toISOString(),
    missedCount: item.missedCount + count,
    missed: [...before, record].slice(-MAX_MISSED_RECORDS),
  };
}

/** What is written of the due slots that get no job: those past the deadline, and those before the one that does. */
export function withoutJobs(
  { scheduledThrough, lastSlot, lastJobId, missedCount, missed }: ScheduleItem,
  { startingDeadlineSeconds: seconds = DEFAULT_STARTING_DEADLINE_SECONDS }: JobSchedule,
  { late, superseded, slot }: DueSlots,
): ScheduleChange {
  let change: ScheduleChange = { scheduledThrough, lastSlot, lastJobId, missedCount, missed };
  if (late !== null) {
    const reason = `no head could submit it within ${seconds} s`;
    change = withMissed(change, late, because("schedule-missed-deadline", reason));
  }
  if (superseded !== null) {
    const reason = `the slot ${slot?.toISOString()} was due as well`;
    change = withMissed(change, superseded, because("schedule-superseded", reason));
  }
  return change;
}
