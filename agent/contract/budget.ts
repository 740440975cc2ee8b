import { type Static, Type } from "@sinclair/typebox";
import { Nullable, Time } from "./item-fields.js";
import { type Because, because } from "./reasons.js";
import { monthEnd, monthOf } from "./usage.js";
import type { UsagePart } from "./usage-report.js";

/*
 * What a cluster may use in a month of UTC. Its head counts by the usage records, warns, and parks the cluster when the budget is spent;
 * from then on nothing resumes it until the month is over or the budget is higher.
 */

/** META's `budget`: what a person declares. */
export const Budget = Type.Object({
  maxHours: Nullable(Type.Number({ description: "node hours in a month; null: as many as maxCost allows" })),
  maxCost: Nullable(Type.Number({ description: "USD in a month; null: as much as maxHours costs" })),
  pricePerHour: Nullable(Type.Number({ description: "USD for a node's hour, of whichever instance type" })),
});
export type Budget = Static<typeof Budget>;

/** META's `budgetUse`: what the head counted. Whole milliseconds, so that each program that compares them with the budget comes to the same. */
export const BudgetUse = Type.Object({
  month: Type.String({ description: "2026-11" }),
  nodeMs: Type.Integer({ description: "node milliseconds in that month" }),
  at: Time,
});
export type BudgetUse = Static<typeof BudgetUse>;

/** What decides whether the budget is spent. */
type Budgeted = {
  readonly name: string;
  readonly budget?: Budget | null;
  readonly budgetUse?: BudgetUse;
};

/** From this share on the head warns. */
const NEAR_SHARE = 0.8;
const HOUR_MS = 3_600_000;

/** The milliseconds of nodes together. Each part lies in the month that is asked about. Pure. */
const nodeMsOf = (parts: readonly UsagePart[]): number =>
  parts.reduce((sum, { nodes, from, to }) => sum + nodes * (Date.parse(to) - Date.parse(from)), 0);

/** What of the budget is used, each limit by itself: 1 is all of it. Pure. */
function sharesOf({ maxHours, maxCost, pricePerHour }: Budget, nodeMs: number) {
  const hours = nodeMs / HOUR_MS;
  return {
    hours,
    costUsd: pricePerHour === null ? null : hours * pricePerHour,
    share: Math.max(
      maxHours === null ? 0 : hours / maxHours,
      maxCost === null || pricePerHour === null ? 0 : (hours * pricePerHour) / maxCost,
    ),
  };
}

/** A cluster's budget as people see it. */
export interface BudgetView extends Budget {
  readonly month: string;
  /** Node hours. */
  readonly hours: number;
  /** USD; null: no price is known. */
  readonly costUsd: number | null;
  /** Of the limit that is nearer, 1 = all of it. */
  readonly share: number;
  /** Null: less than 80 % is used. */
  readonly reasonCode: "budget-near" | "budget-spent" | null;
  readonly reason: string | null;
}

/** The budget and what is used of it in the month of `now`; null: it has none. Pure. */
export function viewBudget({ name, budget, budgetUse }: Budgeted, now: Date): BudgetView | null {
  if (budget === null || budget === undefined) return null;
  const month = monthOf(now.toISOString());
  const nodeMs = budgetUse?.month === month ? budgetUse.nodeMs : 0;
  const used = sharesOf(budget, nodeMs);
  const reasonCode = used.share >= 1 ? "budget-spent" : used.share >= NEAR_SHARE ? "budget-near" : null;
  const reason =
    reasonCode === null
      ? null
      : `cluster ${name} has used ${Math.floor(used.share * 100)} % of its budget of ${month}: ${renderUse(budget, used)}`;
  return { ...budget, month, ...used, reasonCode, reason };
}

/** What is used of each limit: "8.5 of 10 node hours, 4.25 of 5.00 USD". Pure. */
export function renderUse(
  { maxHours, maxCost }: Pick<Budget, "maxHours" | "maxCost">,
  { hours, costUsd }: Pick<BudgetView, "hours" | "costUsd">,
): string {
  const cost = costUsd?.toFixed(2);
  return [
    ...(maxHours === null ? [] : [`${hours.toFixed(2)} of ${maxHours} node hours`]),
    ...(maxCost === null ? [] : [`${cost ?? "an unknown number"} of ${maxCost.toFixed(2)} USD`]),
  ].join(", ");
}

/** Why the cluster may not have nodes now: its budget is spent, and its month not over; null: it may. Pure. */
export function budgetHold(cluster: Budgeted, now: Date): Because<"cluster-budget-spent"> | null {
  const view = viewBudget(cluster, now);
  if (view?.reasonCode !== "budget-spent") return null;
  const until = monthEnd(view.month, 0);
  return because(
    "cluster-budget-spent",
    `${view.reason}; it gets no nodes before ${until}, or until its budget is higher`,
  );
}

/** What a head knows when it decides. Everything in it is a value. */
export interface BudgetFacts {
  readonly cluster: Budgeted & { readonly budget: Budget };
  /** What it has used in the month of `now`, up to then: see clusterParts. */
  readonly parts: readonly UsagePart[];
  /** The job that it has; null: none. */
  readonly runningJob: string | null;
  readonly now: Date;
}

/** `use` is what is to be written. `warning`: it has not been given yet in this month, or with this budget. */
export type BudgetDecision = {
  readonly use: BudgetUse;
  readonly warning: Because<"budget-near" | "budget-spent"> | null;
} & (
  | { readonly is: "stay" }
  /** Jobs that wait end now, and the cluster parks when this one is over. */
  | { readonly is: "wait"; readonly jobId: string }
  | { readonly is: "park"; readonly why: Because<"budget-spent"> }
);

/**
 * Whether the budget lets the cluster go on. The rules:
 *
 * - It warns once at 80 % and once at 100 %, in each month; anew when a higher budget has made the share smaller in between.
 * - When it is spent, the cluster takes no further job. One that runs runs to its end, however its attempts go: its own time-out bounds
 *   it. Then the cluster parks, also while a person is logged in, or a keep-alive holds it.
 * - A new month begins with nothing used.
 *
 * Pure.
 */
export function decideBudget({ cluster, parts, runningJob, now }: BudgetFacts): BudgetDecision {
  const month = monthOf(now.toISOString());
  // A clock that was set back must not give hours back: what is counted of a month only grows.
  const before = cluster.budgetUse?.month === month ? cluster.budgetUse.nodeMs : 0;
  const use = { month, nodeMs: Math.max(before, nodeMsOf(parts)), at: now.toISOString() };
  const was = viewBudget(cluster, now);
  const is = viewBudget({ ...cluster, budgetUse: use }, now);
  const code = is?.reasonCode ?? null;
  if (code === null) return { is: "stay", use, warning: null };
  const why = because(code, is?.reason ?? "");
  const warning = was?.reasonCode === code ? null : why;
  if (why.reasonCode !== "budget-spent") return { is: "stay", use, warning };
  const spent = because("budget-spent", why.reason);
  return runningJob === null
    ? { is: "park", use, warning, why: spent }
    : { is: "wait", use, warning, jobId: runningJob };
}
