import { type Static, Type } from "@sinclair/typebox";
import type { DeepPartial } from "./draft.js";
import { closed } from "./fields.js";
import type { Problem } from "./problem.js";

const MOST = 100_000_000;

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
        maximum: 10_000,
        description: "USD for a node's hour, of whichever instance type; needed with maxCost",
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

/** A budget without a limit, or with a cost that nothing can be counted by. Pure. */
export function budgetProblems({
  budget,
}: {
  readonly budget?: DeepPartial<Static<typeof BudgetSettings>> | undefined;
}): Problem[] {
  if (budget === undefined) return [];
  const { maxHours, maxCost, pricePerHour } = budget;
  if (maxHours === undefined && maxCost === undefined)
    return [{ path: ["budget"], message: "has no limit; give maxHours or maxCost" }];
  if (maxCost !== undefined && pricePerHour === undefined)
    return [
      {
        path: ["budget", "pricePerHour"],
        message:
          "is missing; needed with maxCost: USD for a node's hour (without the budget, muster cost shows it), or give maxHours instead",
      },
    ];
  return [];
}
