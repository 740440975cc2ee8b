import { parse } from "@babel/parser";

/** One operator that is another: the text from `start` to `end` of the file becomes `to`. */
export interface Change {
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
}

const SWAPS: Readonly<Record<string, string>> = {
  ...{ "===": "!==", "!==": "===", "<": "<=", "<=": "<", ">": ">=", ">=": ">" },
  ...{ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*" },
  ...{ "&&": "||", "||": "&&", "??": "&&" },
  ...{ "+=": "-=", "-=": "+=", "*=": "/=", "++": "--", "--": "++", "!": "" },
};

/** A node of the tree, as far as it matters here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** Every change of an operator that a source of TypeScript has, in its order; without those of types, and of what is only logged. */
export function changesIn(file: string, source: string): readonly Change[] {
  const changes: Change[] = [];
  const visit = (node: Node): void => {
    if (isType(node) || isLogCall(node)) return;
    const change = changeOf(node, file, source);
    if (change !== null) changes.push(change);
    for (const value of Object.values(node))
      for (const child of [value].flat()) if (isNode(child)) visit(child);
  };
  const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] });
  visit(program as unknown as Node);
  return changes.sort((a, b) => a.start - b.start);
}

/** `as`, `satisfies` and `!` have an expression in them, whose type is no operator's. */
const EXPRESSIONS = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"];
const isType = ({ type }: Node): boolean => type.startsWith("TS") && !EXPRESSIONS.includes(type);

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];

/** A call such as `log.info(...)`: no rule depends on its text. */
function isLogCall({ type, callee }: Node): boolean {
  if (type !== "CallExpression" || !isNode(callee) || callee.type !== "MemberExpression") return false;
  const { object, property } = callee;
  const owner = isNode(object) ? (object["name"] ?? (object["property"] as Node | undefined)?.["name"]) : "";
  return owner === "log" && isNode(property) && LEVELS.includes(String(property["name"]));
}

function changeOf(node: Node, file: string, source: string): Change | null {
  const from = node["operator"];
  const to = typeof from === "string" ? SWAPS[from] : undefined;
  if (typeof from !== "string" || to === undefined || joinsText(node)) return null;
  const { left, right, argument, prefix } = node;
  const after = isNode(left) ? left.end : prefix === false && isNode(argument) ? argument.end : node.start;
  const before = isNode(right) ? right.start : node.end;
  const at = source.slice(after, before).indexOf(from);
  if (at < 0) return null;
  const start = after + at;
  const line = source.slice(0, start).split("\n").length;
  return { file, line, start, end: start + from.length, from, to };
}

/** Text that is put together: with another operator it is no text, and TypeScript refuses it. */
function joinsText({ operator, left, right }: Node): boolean {
  const isText = (side: unknown): boolean =>
    isNode(side) && (["StringLiteral", "TemplateLiteral"].includes(side.type) || joinsText(side));
  return (operator === "+" || operator === "+=") && (isText(left) || isText(right));
}

/** The source with the change made. */
export const changed = (source: string, { start, end, to }: Change): string =>
  source.slice(0, start) + to + source.slice(end);
