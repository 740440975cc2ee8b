import type { JobSchedule } from "../../agent/contract/job-schedule.js";
import { DEFAULT_TIME_ZONE } from "../../agent/contract/schedule-policy.js";

/** How long before a slot a parked cluster's nodes start: EC2 may begin two minutes late, and the nodes boot and pass their probes. */
export const WAKE_LEAD_MINUTES = 10;
/** A deploy takes its time: AWS refuses a start time that is past by then. */
const DEPLOY_MINUTES = 30;
const MINUTE_MS = 60_000;

/** When an Auto Scaling schedule acts: again and again, in a time zone, or once. */
export type WakeTime =
  | { readonly recurrence: string; readonly timeZone: string }
  | { readonly startTime: string };

/**
 * When a parked cluster wakes for a checked schedule's slots: WAKE_LEAD_MINUTES before each. Where cron can't say that, as for a slot at
 * midnight of a day of the month, at the slot's own time: its job then starts as soon as the nodes are there. Null: there is no slot to
 * wake for, or it is too near to be declared; a deploy keeps a cluster awake anyway. Pure.
 */
export function wakeTime(
  { at, cron, timeZone = DEFAULT_TIME_ZONE }: JobSchedule,
  now: Date,
): WakeTime | null {
  if (cron !== undefined) return { recurrence: earlier(cron, WAKE_LEAD_MINUTES), timeZone };
  const start = Date.parse(at ?? "") - WAKE_LEAD_MINUTES * MINUTE_MS;
  if (!(start > now.getTime() + DEPLOY_MINUTES * MINUTE_MS)) return null;
  // AWS takes whole seconds.
  return { startTime: `${new Date(start).toISOString().slice(0, 19)}Z` };
}

/** The expression `lead` minutes earlier, below an hour, in crontab(5)'s words; itself where it can't be said. */
function earlier(cron: string, lead: number): string {
  const fields = cron.trim().split(/\s+/);
  const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = fields;
  const same = fields.join(" ");
  const minutes = valuesOf(minute, 60);
  // Something is due all the time: an awake cluster is not woken.
  if (minute === "*") return same;
  const shifted = listOf(minutes.map((value) => (value + 60 - lead) % 60));
  const isEveryDay = day === "*" && month === "*" && weekday === "*";
  const isInHour = minutes.every((value) => value >= lead) || (hour === "*" && isEveryDay);
  if (isInHour) return [shifted, ...fields.slice(1)].join(" ");
  // The slots before the lead are of the hour before; one expression can't have some in this hour and some in that.
  if (minutes.some((value) => value >= lead)) return same;
  const hours = valuesOf(hour, 24);
  const before = listOf(hours.map((value) => (value + 23) % 24));
  const isInDay = hours.every((value) => value > 0) || isEveryDay;
  return isInDay ? [shifted, before, day, month, weekday].join(" ") : same;
}

/** The numbers below `bound` that a field of numbers, lists, ranges and steps names. */
function valuesOf(field: string, bound: number): readonly number[] {
  const named = field.split(",").flatMap((part) => {
    const [range = "*", step = "1"] = part.split("/");
    const [first, last = first] = range === "*" ? [0, bound - 1] : range.split("-").map(Number);
    const from = first ?? 0;
    const count = Math.floor(((last ?? from) - from) / Number(step)) + 1;
    return Array.from({ length: count }, (_, index) => from + index * Number(step));
  });
  return [...new Set(named)];
}

const listOf = (values: readonly number[]): string => [...values].sort((a, b) => a - b).join(",");
