import {
  type Alias,
  type Document,
  type ErrorCode,
  isAlias,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { lineOf } from "./positions.js";
import type { Path, Problem } from "./problem.js";

/** A parsed muster.yaml. */
export interface MusterDocument {
  readonly value: unknown;
  /** The line of what `path` names, from 1. */
  line(path: Path): number | undefined;
  /** A single value as it is written: `007`, where the value is the number 7. Undefined for what an alias brings. */
  written(path: Path): string | undefined;
}

/** As deep as a file can sensibly be is 7; the parser needs stack for each level. */
const MAX_DEPTH = 100;
/** An anchor may be used by every cluster and job; what multiplies beyond is an attack or a mistake. */
const MAX_ALIASES = 1000;
const MAX_SYNTAX_PROBLEMS = 20;
const EMPTY = "is empty; write an org and its clusters (examples/muster.yaml shows how)";

/** The value of YAML 1.2 text with merge keys (`<<`), or everything that keeps it from being read. Pure. */
export function readDocument(text: string): MusterDocument | { readonly problems: Problem[] } {
  const tooDeep = depthProblem(text);
  if (tooDeep !== null) return { problems: [tooDeep] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, logLevel: "error" });
  const problems = [...document.errors, ...document.warnings].map(syntaxProblem);
  problems.push(...aliasProblems(document, lines));
  if (problems.length > 0) return { problems: problems.slice(0, MAX_SYNTAX_PROBLEMS) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value === null) return { problems: [{ path: [], message: EMPTY }] };
    return {
      value,
      line: (path) => lineOf(document, lines, path),
      written(path) {
        const node = document.getIn(path, true);
        return isScalar(node) ? node.source : undefined;
      },
    };
  } catch (error) {
    return { problems: [{ path: [], message: valueProblem(error as Error) }] };
  }
}

/** The parser's own answer to depth would be the end of this process. */
function depthProblem(text: string): Problem | null {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length <= MAX_DEPTH) continue;
    const message = `is nested more than ${MAX_DEPTH} levels deep; close the brackets, or write it flatter`;
    return { path: [], message, line: lines.linePos(parser.offset).line };
  }
  return null;
}

/** What the parser's codes mean for the person who wrote the file; the others' own words do. */
const PLAIN_WORDS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: "is not YAML: this line is indented with a tab; write spaces instead",
  MULTIPLE_DOCS: "holds another document from this line (---) on; write one, with all of it",
  DUPLICATE_KEY: "is not YAML: this key is there twice in one mapping; merge the two, or remove one",
  TAG_RESOLVE_FAILED: "has a tag (!...) that means nothing here; write the value without it",
};

function syntaxProblem(error: YAMLError): Problem {
  const [first = ""] = error.message.split("\n");
  const message =
    PLAIN_WORDS[error.code] ?? `is not YAML: ${first.replace(/ at line \d+, column \d+:$/, "")}`;
  const line = error.linePos?.[0].line;
  return { path: [], message, ...(line === undefined ? {} : { line }) };
}

/** Aliases that nothing stands behind, or that stand in what they mean. */
function aliasProblems(document: Document, lines: LineCounter): Problem[] {
  const anchors = new Map<string, Node>();
  const problems: Problem[] = [];
  const refuse = ({ range, source }: Alias, what: string): void => {
    const line = lines.linePos(range?.[0] ?? 0).line;
    problems.push({ path: [], message: `*${source} ${what}`, line });
  };
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const anchored = anchors.get(node.source);
        if (anchored === undefined)
          refuse(node, `has no anchor above it; write &${node.source} before the value`);
        else if (isWithin(node, anchored))
          refuse(node, "stands in the very value that it means; write it out");
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return problems;
}

function isWithin({ range: inner }: Node, { range: outer }: Node): boolean {
  if (!inner || !outer) return false;
  return outer[0] <= inner[0] && inner[0] < outer[1];
}

function valueProblem(error: Error): string {
  if (error.message.startsWith("Merge sources"))
    return "has a merge key (<<) of something else; write <<: *name of a mapping";
  if (!error.message.startsWith("Excessive alias")) return error.message;
  return `has aliases (*name) that come to more than ${MAX_ALIASES} values; write some of them out`;
}
