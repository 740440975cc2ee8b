import { Cron } from "croner";
import type { JobSchedule } from "./job-schedule.js";
import { DEFAULT_TIME_ZONE, OVERLAP_POLICIES } from "./schedule-policy.js";
import { shownValue } from "./shown-value.js";

/** Which moments a schedule names; what else it says does not move them. `cron` is in `timeZone`, which is always given. */
export type Timing =
  | { readonly at: string }
  | { readonly cron: string; readonly timeZone: string }
  | Readonly<Record<string, never>>;

/** The timing of a schedule: two schedules with the same have the same slots. Pure. */
export function timingOf({ at, cron, timeZone = DEFAULT_TIME_ZONE }: JobSchedule): Timing {
  if (at !== undefined) return { at };
  return cron === undefined ? {} : { cron, timeZone };
}

/**
 * The slots after `after`, up to and including `upTo`, at most `limit` of them, the earliest first. A slot is a moment: where a
 * clock is set forward, what would be in the gap is at its end, once; where it is set back, an expression with a wildcard or a
 * step in its minute or hour has the slots of both hours, and any other has each slot once, in the first. Pure. Throws for a
 * schedule that scheduleProblems refuses.
 */
export function slotsBetween(schedule: JobSchedule, after: Date, upTo: Date, limit: number): readonly Date[] {
  const next = slotFinder(schedule);
  const slots: Date[] = [];
  let slot = next(after);
  while (slot !== null && slot <= upTo && slots.length < limit) {
    slots.push(slot);
    slot = next(slot);
  }
  return slots;
}

/** The first slot after `after`; null: there is none. Pure. Throws as slotsBetween does. */
export const nextSlot = (schedule: JobSchedule, after: Date): Date | null => slotFinder(schedule)(after);

function slotFinder({ at, cron, timeZone }: JobSchedule): (after: Date) => Date | null {
  if (cron !== undefined) {
    const pattern = parseCron(cron, timeZone);
    return (after) => pattern.nextRun(after);
  }
  const only = at === undefined ? null : new Date(at);
  return (after) => (only !== null && only > after ? only : null);
}

/** "no-wildcard": lists and ranges are fixed times too, as in Vixie cron: 30 1,13 * * * runs twice a day on every day. */
const parseCron = (cron: string, timezone: string = DEFAULT_TIME_ZONE): Cron =>
  new Cron(cron, { mode: "5-part", fixedTimeRule: "no-wildcard", timezone });

/** Any moment: whether there is a slot at all does not depend on it. */
const EPOCH = new Date(0);
const NAMES = /\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)\b/gi;

/** Every problem of a schedule that its schema accepts, a line each, with the field before it. Pure. */
export function* scheduleProblems({ at, cron, timeZone, ifRunning }: JobSchedule): Generator<string> {
  if ((at === undefined) === (cron === undefined))
    yield `${at === undefined ? "cron" : "at"}: a schedule has exactly one of at and cron`;
  if (at !== undefined) yield* placed("at", at, momentProblem(at));
  if (at !== undefined && timeZone !== undefined)
    yield "timeZone: has no meaning with at, which is in UTC; use it with cron";
  if (timeZone !== undefined) yield* placed("timeZone", timeZone, timeZoneProblem(timeZone));
  if (cron !== undefined) yield* placed("cron", cron, cronProblem(cron));
  // The schema gives it as a text: TypeBox does not look at its enumeration.
  if (ifRunning !== undefined && !OVERLAP_POLICIES.includes(ifRunning))
    yield `ifRunning: got ${shownValue(ifRunning)}; expected ${OVERLAP_POLICIES.join(", ")}`;
}

function* placed(field: string, value: string, problem: string | null): Generator<string> {
  if (problem !== null) yield `${field}: got ${shownValue(value)}; ${problem}`;
}

/** What is wrong with a moment; null: nothing. */
function momentProblem(text: string): string | null {
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z$/.test(text);
  // A 30 February is a day of March to Date.
  const moment = new Date(isWhole ? text : Number.NaN);
  const isReal = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 16));
  return isReal ? null : "it must be a moment in UTC, such as 2026-12-24T18:00:00Z";
}

/** What is wrong with a time zone's name; null: nothing. AWS, which wakes a parked cluster, takes names and no offsets. */
function timeZoneProblem(name: string): string | null {
  const hint = "it must be an IANA time zone, such as Europe/Berlin or UTC";
  if (!/^[A-Za-z]/.test(name)) return hint;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    const isOtherCase = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase();
    return isOtherCase ? `${hint}; write ${timeZone}` : null;
  } catch {
    return hint;
  }
}

/**
 * What is wrong with a cron expression; null: nothing. It may use what every cron knows, so that AWS can wake a parked cluster by
 * it: numbers, names, lists, ranges and steps; not L, W, #, ? and the nicknames of some.
 */
function cronProblem(cron: string): string | null {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5)
    return `it has ${fields.length} of 5 fields: minute, hour, day of month, month, day of week`;
  const odd = fields.find((field) => !/^[0-9*,/-]+$/.test(field.replace(NAMES, "0")));
  if (odd !== undefined)
    return `${shownValue(odd)} is not made of numbers, names (JAN, MON), lists (1,2), ranges (1-5) and steps (*/15)`;
  try {
    return parseCron(cron).nextRun(EPOCH) === null ? "no day is like that, so it would never run" : null;
  } catch (error) {
    return `it can't be read: ${(error as Error).message.replace(/^CronPattern: /, "")}`;
  }
}

/** When a schedule runs, for people. Pure. */
export function describeSchedule({ at, cron, timeZone = DEFAULT_TIME_ZONE }: JobSchedule): string {
  return cron === undefined ? `once, at ${at}` : `${cron} (${timeZone})`;
}
