import { type RuleProblem, ruleProblemOf } from "./job-rules.js";
import { scheduleProblems } from "./job-slots.js";

const TEXTS = ["at", "cron", "timeZone", "ifRunning"] as const;

/**
 * How the values of a definition's schedule must fit each other and the world. As in job-rules.ts, what is absent, null or of another
 * type passes. Paths are from the schedule's top. Pure.
 */
export function scheduleRules(schedule: Readonly<Record<string, unknown>>): RuleProblem[] {
  const given = TEXTS.flatMap((key) => (typeof schedule[key] === "string" ? [[key, schedule[key]]] : []));
  return Array.from(scheduleProblems(Object.fromEntries(given)), ruleProblemOf);
}
