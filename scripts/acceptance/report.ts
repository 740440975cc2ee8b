import type { Outcome } from "./accept.js";

/** What a report says beside the outcome. */
export interface ReportHead {
  /** When it began, ISO 8601, UTC. */
  readonly at: string;
  /** "the local cloud", "AWS". */
  readonly place: string;
  readonly account: string | null;
  readonly org: string;
  readonly region: string;
  readonly seconds: number;
  /** How to remove what is left, a line each; empty: nothing is. */
  readonly left: readonly string[];
}

/** The document that is report.json: the head and the outcome. Pure. */
export const renderJson = (head: ReportHead, { isLeft, ...outcome }: Outcome): string =>
  `${JSON.stringify({ ...head, ...outcome, isLeft }, null, 2)}\n`;

/** report.md. Pure. */
export function renderMarkdown(head: ReportHead, { result, why, offer, steps }: Outcome): string {
  const account = head.account === null ? "" : `, account ${head.account}`;
  const cost =
    offer === null
      ? []
      : [
          `An hour costs ${offer.usdPerHour.toFixed(2)} USD at list prices; the ceiling is ${offer.ceiling.hours} h and ${offer.ceiling.usd} USD.`,
        ];
  return [
    `# Acceptance: ${result}`,
    "",
    `${head.at}, ${head.place}${account}, region ${head.region}, org ${head.org}, ${head.seconds.toFixed(1)} s.`,
    ...cost,
    ...(why === null ? [] : ["", cell(why)]),
    "",
    "| Step | Result | Seconds | |",
    "|---|---|---|---|",
    ...steps.map(
      ({ title, result: of, seconds, why: saw }) =>
        `| ${cell(title)} | ${of} | ${seconds.toFixed(1)} | ${cell(saw ?? "")} |`,
    ),
    ...(head.left.length === 0
      ? []
      : ["", "Something may be left. To remove it:", "", "```shell", ...head.left, "```"]),
    "",
  ].join("\n");
}

const CELL_CHARS = 2_000;
/** A text in a table's cell, on one line. */
const cell = (text: string): string =>
  text
    .slice(-CELL_CHARS)
    .replaceAll("|", "\\|")
    .replaceAll(/\s*\n\s*/g, "<br>");
