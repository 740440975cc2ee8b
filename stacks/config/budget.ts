import { type Static, Type } from "@sinclair/typebox";
import type { DeepPartial } from "./draft.js";
import { closed } from "./fields.js";
import type { Problem } from "./problem.js";

const MOST = 100_000_000;
/** USD for a node's hour. */
export const MOST_PRICE_PER_HOUR = 10_000;

/** What a cluster's nodes may use in a month. */
export const BudgetSettings = Type.Object(
  {
    maxHours: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: MOST,
        description: "node hours in a month: 10 nodes for 3 hours are 30; default: no limit of hours",
        examples: [500],
      }),
    ),
    maxCost: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: MOST,
        description:
          "USD in a month for the nodes, by pricePerHour, without disks, traffic and the rest; default: no limit of cost",
        examples: [300],
      }),
    ),
    pricePerHour: Type.Optional(
      Type.Number({
        minimum: 0.0001,
        maximum: MOST_PRICE_PER_HOUR,
        description:
          "USD for a node's hour, of whichever instance type; default: AWS's list price of the dearest of the cluster's types, as a plan finds it when the budget is set or the types change",
        examples: [0.17],
      }),
    ),
  },
  {
    description:
      "what the cluster's nodes may use in a calendar month (UTC): at 80 % and at 100 % it warns, then it takes no job, parks when the running one has ended, and gets no nodes until the month is over or the budget is higher",
    ...closed,
  },
);

/** A budget without a limit. Pure. */
export function budgetProblems({
  budget,
}: {
  readonly budget?: DeepPartial<Static<typeof BudgetSettings>> | undefined;
}): Problem[] {
  if (budget === undefined) return [];
  return budget.maxHours === undefined && budget.maxCost === undefined
    ? [{ path: ["budget"], message: "has no limit; give maxHours or maxCost" }]
    : [];
}
