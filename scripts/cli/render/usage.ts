import type { UsageRow } from "../../../agent/contract/usage-report.js";
import { visibleLine } from "../../../agent/contract/visible-text.js";
import type { UsageSummary } from "../core/usage.js";
import { renderTable } from "./table.js";

const HEADINGS = { cluster: "CLUSTER", type: "INSTANCE TYPE", user: "USER", job: "JOB" } as const;
const usd = (cost: number | null): string => (cost === null ? "" : cost.toFixed(2));
const hours = (minutes: number): string => (minutes / 60).toFixed(1);

/** A table, the most first, with the sum last. Pure. */
export function renderUsage({ by, rows, minutes, costUsd }: UsageSummary): readonly string[] {
  if (rows.length === 0) return [];
  const cells = ({ key, instanceTypes, minutes: of, costUsd: cost }: UsageRow) => [
    ...[key, instanceTypes.join(", "), String(of), hours(of), usd(cost)],
  ];
  return renderTable(
    [HEADINGS[by], "NODES", "NODE MINUTES", "NODE HOURS", "USD"],
    [...rows.map(cells), ["in all", "", String(minutes), hours(minutes), usd(costUsd)]],
  );
}

/**
 * The rows as RFC 4180 has them. A cell that a spreadsheet would take for a formula begins with an apostrophe, and one is a line without
 * control characters: names of clusters, jobs and submitters are others' words, and go to terminals too. Pure.
 */
export function usageCsv({ month, by, rows }: UsageSummary): string {
  const lines = rows.map(({ key, clusterUuid, instanceTypes, minutes, costUsd }) => [
    ...[month, key, by === "cluster" ? (clusterUuid ?? "") : "", instanceTypes.join(" ")],
    ...[String(minutes), usd(costUsd)],
  ]);
  const all = [["month", by, "cluster_uuid", "instance_types", "node_minutes", "usd"], ...lines];
  return all.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(text: string): string {
  const line = visibleLine(text);
  const safe = /^[=+\-@\t]/.test(line) ? `'${line}` : line;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
