import { visibleLine } from "../../../agent/contract/visible-text.js";
import type { PlannedChange, StackPlan } from "../core/terraform-plan.js";

/** By it a pipeline finds the comment that it has written before. */
export const PLAN_MARK = "<!-- muster plan -->";
/** The most that GitHub takes of a comment. */
export const COMMENT_CHARACTERS = 65_536;

const SIGNS: Readonly<Record<PlannedChange["action"], string>> = {
  ...{ create: "+", update: "~", replace: "-/+", delete: "-", read: "<=", forget: "." },
};

const counted = (changes: readonly PlannedChange[]): string =>
  (["create", "update", "replace", "delete"] as const)
    .map((action) => [changes.filter((change) => change.action === action).length, action] as const)
    .flatMap(([count, action]) => (count === 0 ? [] : [`${count} to ${action}`]))
    .join(", ");

/** One stack's plan in a line. Pure. */
export function renderVerdict({ stack, result, why, changes, outputs }: StackPlan): string {
  if (result !== "changed") return `${stack}: ${result}${why === null ? "" : `: ${why}`}`;
  return `${stack}: ${counted(changes) || `${outputs.length} outputs change`}`;
}

function detailLines({ changes, outputs, drifted }: StackPlan): readonly string[] {
  return [
    ...changes.flatMap(({ address, action, attributes }) => [
      `${SIGNS[action]} ${address}`,
      ...attributes.map((attribute) => `    ${attribute}`),
    ]),
    ...outputs.map((name) => `~ output ${name}`),
    ...drifted.map((address) => `! changed outside of Terraform: ${address}`),
  ];
}

/** All plans as lines for a person. Pure. */
export const renderPlans = (plans: readonly StackPlan[]): readonly string[] =>
  plans.flatMap((plan) => [renderVerdict(plan), ...detailLines(plan).map((line) => `  ${line}`)]);

/**
 * All plans as Markdown for a comment or a report, of `most` characters at most. Foreign text is in fenced blocks that it can't end, with its
 * control characters visible. Pure.
 */
export function renderPlanMarkdown(plans: readonly StackPlan[], most: number = COMMENT_CHARACTERS): string {
  const summary = plans.map((plan) => `- ${code(renderVerdict(plan))}`);
  const head = [PLAN_MARK, "### Muster: plan", "", ...summary, ""].join("\n");
  const end = "\n_More changes than a comment can hold: the log of this run has the whole plan._\n";
  // So many stacks that not even their names fit.
  if (head.length + end.length > most) return `${head.slice(0, most - end.length)}${end}`;
  let text = head;
  for (const plan of plans) {
    const lines = detailLines(plan).map((line) => visibleLine(line));
    if (lines.length === 0) continue;
    const section = sectionOf(plan.stack, lines, most - text.length - end.length);
    if (section === null) return text + end;
    text += section.text;
    if (!section.isWhole) return text + end;
  }
  return text;
}

/** As many of the lines as there is room for; null: none. */
function sectionOf(stack: string, lines: readonly string[], room: number) {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  const [open, close] = [
    `\n<details><summary>${stack}</summary>\n\n${fence}diff\n`,
    `${fence}\n\n</details>\n`,
  ];
  let left = room - open.length - close.length;
  const fitting: string[] = [];
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    fitting.push(`${line}\n`);
  }
  if (fitting.length === 0) return null;
  return { text: open + fitting.join("") + close, isWhole: fitting.length === lines.length };
}

/** As inline code: a backtick in it would end it. */
const code = (text: string): string => `\`${visibleLine(text).replaceAll("`", "'")}\``;

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
