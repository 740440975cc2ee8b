import type { Budget } from "../../../agent/contract/budget.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";
import type { State } from "../../core/types.js";
import { UNKNOWN } from "../../core/value.js";
import type { clusterSchema } from "./schema.js";

type Declared = State<typeof clusterSchema>["budget"];

/** As the registry has it. Pure. */
export const budgetOf = (declared: Declared): Budget | null =>
  declared === null
    ? null
    : {
        maxHours: declared.max_hours,
        maxCost: declared.max_cost,
        pricePerHour: declared.price_per_hour,
      };

/** As a person declares it. Pure. */
export const declaredBudget = (budget: Budget | null | undefined): Declared =>
  budget === null || budget === undefined
    ? null
    : { max_hours: budget.maxHours, max_cost: budget.maxCost, price_per_hour: budget.pricePerHour };

/** What is wrong with a budget whose parts are each right. What is not known yet is taken as given. Pure. */
export function budgetRules(budget: unknown): readonly Diagnostic[] {
  if (budget === null || budget === UNKNOWN) return [];
  const { max_hours, max_cost, price_per_hour } = budget as Readonly<Record<string, unknown>>;
  if (max_hours === null && max_cost === null)
    return [
      errorDiagnostic(
        "budget-invalid",
        "A budget without a limit",
        "budget has neither max_hours nor max_cost. Give one of them, or leave budget out.",
        ["budget"],
      ),
    ];
  if (max_cost !== null && price_per_hour === null)
    return [
      errorDiagnostic(
        "budget-invalid",
        "A budget's max_cost needs a price",
        "budget has max_cost, and no price_per_hour to count with. Give the price of a node's hour in USD (data \"muster_price\" reads AWS's list price), or max_hours instead.",
        ["budget", "price_per_hour"],
      ),
    ];
  return [];
}
