import { problemAt, type RuleProblem } from "./job-rules.js";

/** A moment in UTC: `2027-01-31T06:00:00Z`. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/;

/**
 * How the values of a definition's schedule must fit each other and the world. As in job-rules.ts, what is absent, null or of another
 * type passes. Paths are from the schedule's top. Pure.
 */
export function scheduleRules(schedule: Readonly<Record<string, unknown>>): RuleProblem[] {
  const given = (key: string): boolean => schedule[key] !== undefined && schedule[key] !== null;
  const { at, cron, timeZone } = schedule;
  return [
    ...(given("at") === given("cron")
      ? [{ path: [given("at") ? "at" : "cron"], message: "a schedule has exactly one of at and cron" }]
      : []),
    ...found("at", at, typeof at === "string" ? momentProblem(at) : null),
    ...found("cron", cron, typeof cron === "string" ? cronProblem(cron) : null),
    ...found("timeZone", timeZone, typeof timeZone === "string" ? timeZoneProblem(timeZone) : null),
    ...found(
      "timeZone",
      timeZone,
      given("timeZone") && given("at") ? "has no meaning with at, which is in UTC; use it with cron" : null,
    ),
  ];
}

const found = (key: string, value: unknown, problem: string | null): RuleProblem[] =>
  problem === null ? [] : [problemAt([key], value, problem)];

function momentProblem(text: string): string | null {
  // A 30 February is a day of March to Date.
  const moment = new Date(MOMENT.test(text) ? text : Number.NaN);
  const isReal = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 16));
  return isReal ? null : "must be a moment in UTC, like 2027-01-31T06:00:00Z";
}

function cronProblem(text: string): string | null {
  const count = text.trim().split(/\s+/).length;
  return count === 5 ? null : `must have five fields, like "30 6 * * 1-5"; it has ${count}`;
}

function timeZoneProblem(text: string): string | null {
  if (/^[+-]/.test(text))
    return "must be a name, like Europe/Berlin, because an offset does not change in summer";
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return null;
  } catch {
    return "must be the name of a time zone, like Europe/Berlin or UTC";
  }
}
