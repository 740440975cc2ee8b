import { parse } from "@babel/parser";

/** One operator that is another: the text from `start` to `end` of the file becomes `to`. */
export interface Change {
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
  /** Where the operator's expression begins and ends, with its operands. */
  readonly expression: { readonly start: number; readonly end: number };
  /**
   * Names the change wherever its line moves to: the file, the line's code with the operator in angle quotes, and what it becomes. Where a
   * file has the same line more than once, the second is `(2)`.
   */
  readonly key: string;
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
  const changes: Omit<Change, "key">[] = [];
  const visit = (node: Node): void => {
    if (isType(node) || isLogCall(node)) return;
    const change = changeOf(node, file, source);
    if (change !== null) changes.push(change);
    for (const value of Object.values(node))
      for (const child of [value].flat()) if (isNode(child)) visit(child);
  };
  const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] });
  visit(program as unknown as Node);
  return keyed(
    source,
    changes.sort((a, b) => a.start - b.start),
  );
}

function keyed(source: string, changes: readonly Omit<Change, "key">[]): readonly Change[] {
  const seen = new Map<string, number>();
  return changes.map((change) => {
    const { file, start, end, from, to } = change;
    const lineStart = source.lastIndexOf("\n", start) + 1;
    const [rest = ""] = source.slice(end).split("\n", 1);
    const code = `${source.slice(lineStart, start)}«${from}»${rest}`.trim();
    const name = `${file}: ${code} -> ${to || "nothing"}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return { ...change, key: nth === 1 ? name : `${name} (${nth})` };
  });
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

function changeOf(node: Node, file: string, source: string): Omit<Change, "key"> | null {
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
  const expression = { start: node.start, end: node.end };
  return { file, line, start, end: start + from.length, from, to, expression };
}

/** Text that is put together: with another operator it is no text, and TypeScript refuses it. */
function joinsText({ operator, left, right }: Node): boolean {
  const isText = (side: unknown): boolean =>
    isNode(side) && (["StringLiteral", "TemplateLiteral"].includes(side.type) || joinsText(side));
  return (operator === "+" || operator === "+=") && (isText(left) || isText(right));
}
