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

/** A sensible file is at most 7 levels deep; the parser needs stack for each level. */
const MAX_DEPTH = 100;
/** Every cluster and job may use an anchor; more aliases than that are an attack or a mistake. */
const MAX_ALIASES = 1000;
const MAX_SYNTAX_PROBLEMS = 20;
const EMPTY = "is empty; declare an org and its clusters (see examples/muster.yaml)";

/** The value of YAML 1.2 text with merge keys (`<<`), or every problem that prevents reading it. Pure. */
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

/** The parser itself would crash this process on such depth. */
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

/** The parser's codes in plain words, where its own message is not good enough. */
const PLAIN_WORDS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: "is not YAML: this line is indented with a tab; write spaces instead",
  MULTIPLE_DOCS: "has a second document from this line (---) on; write everything in one document",
  DUPLICATE_KEY: "is not YAML: the mapping has this key twice; merge the two, or remove one",
  TAG_RESOLVE_FAILED: "has an unknown tag (!...); write the value without it",
};

function syntaxProblem(error: YAMLError): Problem {
  const [first = ""] = error.message.split("\n");
  const message =
    PLAIN_WORDS[error.code] ?? `is not YAML: ${first.replace(/ at line \d+, column \d+:$/, "")}`;
  const line = error.linePos?.[0].line;
  return { path: [], message, ...(line === undefined ? {} : { line }) };
}

/** Aliases without an anchor, and aliases inside the value that they refer to. */
function aliasProblems(document: Document, lines: LineCounter): Problem[] {
  const anchors = new Map<string, Node>();
  const problems: Problem[] = [];
  const refuse = ({ range, source }: Alias, what: string): void => {
    const line = lines.linePos(range?.[0] ?? 0).line;
    problems.push({ path: [], message: `*${source} ${what}`, line });
  };
  visit(document, {
    Node(_key, node, around) {
      if (isAlias(node)) {
        const anchored = anchors.get(node.source);
        if (anchored === undefined)
          refuse(node, `has no anchor above it; write &${node.source} before the value`);
        else if (around.includes(anchored))
          refuse(node, "is inside the value that it refers to; write the value out");
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return problems;
}

function valueProblem(error: Error): string {
  if (error.message.startsWith("Merge sources"))
    return "has a merge key (<<) whose value is not an alias of a mapping; write <<: *name";
  if (!error.message.startsWith("Excessive alias")) return error.message;
  return `has aliases (*name) that expand to more than ${MAX_ALIASES} values; write some of them out`;
}
