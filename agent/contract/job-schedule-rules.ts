import type { RuleProblem } from "./job-rules.js";

/** A moment with its offset: `2027-01-31T06:00:00Z`, `2027-01-31T06:00+01:00`. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * How the values of a definition's schedule must fit each other and the world. As in job-rules.ts, what is absent, null or of another
 * type passes. `path` is from the schedule's top. Pure.
 */
export function scheduleRules(schedule: Readonly<Record<string, unknown>>): RuleProblem[] {
  const given = (key: string): boolean => schedule[key] !== undefined && schedule[key] !== null;
  const { at, cron, timeZone } = schedule;
  return [
    ...(given("at") === given("cron")
      ? [{ path: [], problem: `must have ${given("at") ? "only one of at and cron" : "at or cron"}` }]
      : []),
    ...found("at", typeof at === "string" ? momentProblem(at) : null),
    ...found("cron", typeof cron === "string" ? cronProblem(cron) : null),
    ...found("timeZone", typeof timeZone === "string" ? timeZoneProblem(timeZone) : null),
    ...["timeZone", "ifRunning"].flatMap((key) =>
      given(key) && given("at") ? found(key, "is for cron; at names one moment") : [],
    ),
  ];
}

const found = (key: string, problem: string | null): RuleProblem[] =>
  problem === null ? [] : [{ path: [key], problem }];

function momentProblem(text: string): string | null {
  const day = text.slice(0, 10);
  // Date takes 31 February for 3 March.
  const isDay = MOMENT.test(text) && !Number.isNaN(Date.parse(text)) && dayOf(`${day}T00:00:00Z`) === day;
  return isDay ? null : "must be a moment with its offset, like 2027-01-31T06:00:00Z";
}

const dayOf = (text: string): string => new Date(text).toISOString().slice(0, 10);

function cronProblem(text: string): string | null {
  const count = text.trim().split(/\s+/).length;
  return count === 5 ? null : `must have five fields, like "30 6 * * 1-5"; it has ${count}`;
}

function timeZoneProblem(text: string): string | null {
  try {
    // The list of names is the platform's, as it is for the head that computes the slots.
    new Intl.DateTimeFormat("en", { timeZone: text });
    return /^[+-]/.test(text)
      ? "must be a name, like Europe/Berlin, because an offset does not change in summer"
      : null;
  } catch {
    return "must be the name of a time zone, like Europe/Berlin or UTC";
  }
}
