import { setImmediate } from "node:timers/promises";
import type { JobSchedule } from "../contract/job-schedule.js";
import { slotsBetween } from "../contract/job-slots.js";
import { DEFAULT_STARTING_DEADLINE_SECONDS } from "../contract/schedule-policy.js";

/** Slots in a row. */
export interface SlotRange {
  readonly first: Date;
  readonly last: Date;
  readonly count: number;
}

/** The slots that are due, sorted out. */
export interface DueSlots {
  /** Those past the starting deadline. */
  readonly late: SlotRange | null;
  /** Those within it before the latest one: that alone gets a job, as in Kubernetes' CronJob. */
  readonly superseded: SlotRange | null;
  readonly slot: Date | null;
}

/** What is older is not counted. A minutely schedule's slots of a year take half a minute to count, which is seldom. */
const LOOK_BACK_MS = 366 * 86_400_000;
/** In between, the agent does its other work. */
const SLOTS_AT_ONCE = 100;

/** The slots after `after`, up to `now`. Reads no clock; pauses only to let other work through. */
export async function dueSlots(schedule: JobSchedule, after: Date, now: Date): Promise<DueSlots> {
  const deadlineMs = (schedule.startingDeadlineSeconds ?? DEFAULT_STARTING_DEADLINE_SECONDS) * 1_000;
  let due: DueSlots = { late: null, superseded: null, slot: null };
  let from = new Date(Math.max(after.getTime(), now.getTime() - LOOK_BACK_MS));
  for (;;) {
    const slots = slotsBetween(schedule, from, now, SLOTS_AT_ONCE);
    for (const slot of slots) due = withSlot(due, slot, now.getTime() - slot.getTime() > deadlineMs);
    const last = slots.at(-1);
    if (last === undefined || slots.length < SLOTS_AT_ONCE) return due;
    from = last;
    await setImmediate();
  }
}

function withSlot(due: DueSlots, slot: Date, isLate: boolean): DueSlots {
  if (isLate) return { ...due, late: longer(due.late, slot) };
  return { ...due, superseded: due.slot === null ? null : longer(due.superseded, due.slot), slot };
}

const longer = (range: SlotRange | null, slot: Date): SlotRange => ({
  first: range?.first ?? slot,
  last: slot,
  count: (range?.count ?? 0) + 1,
});
