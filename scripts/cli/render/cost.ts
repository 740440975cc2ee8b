import type { CostEstimate } from "../core/cost.js";
import { renderTable } from "./table.js";

const usd = (cost: number | null, digits: number): string =>
  cost === null ? "not known" : cost.toFixed(digits);

/** A table, the sum last. Pure. */
export const renderCost = ({ items, usdPerHour, usdPerMonth }: CostEstimate): readonly string[] =>
  renderTable(
    ["CLUSTER", "WHAT", "COUNT", "USD AN HOUR", "USD A MONTH"],
    [
      ...items.map(({ cluster, what, count, usdPerHour: hour, usdPerMonth: month }) => [
        ...[cluster ?? "", what, String(count), usd(hour, 3), usd(month, 2)],
      ]),
      ["in all", "", "", usd(usdPerHour, 3), usd(usdPerMonth, 2)],
    ],
  );
