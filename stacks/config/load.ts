import { readFileSync } from "node:fs";
import path from "node:path";
import { type Document, LineCounter, parseDocument } from "yaml";
import { checkFile } from "./check.js";
import type { Draft } from "./draft.js";
import { declareJob, type JobDeclaration, type ReadText, readJobFiles } from "./job-files.js";
import { lineOf } from "./positions.js";
import { ConfigError, type Path, type Problem } from "./problem.js";
import { ruleProblems } from "./rules.js";
import type { ClusterSettings, MusterFile } from "./schema.js";
import { type StateSettings, stateSettings } from "./state.js";

/** muster.yaml as the stacks use it: complete, checked and frozen. */
export interface MusterConfig {
  readonly org: MusterFile["org"];
  readonly state: StateSettings;
  readonly clusters: readonly ClusterDeclaration[];
}

/** A cluster, and the jobs that Terraform keeps on it. */
export interface ClusterDeclaration {
  readonly cluster: ClusterSettings;
  readonly jobs: readonly JobDeclaration[];
}

/**
 * Reads and checks the file of the environment variable MUSTER_CONFIG, by default ./muster.yaml.
 * Throws ConfigError with every problem of the file. Changes nothing; may run any number of times.
 */
export function loadMusterConfig(environment: NodeJS.ProcessEnv = process.env): MusterConfig {
  const file = path.resolve(environment["MUSTER_CONFIG"] ?? "muster.yaml");
  return parseMusterConfig(readConfig(file), file);
}

/**
 * As loadMusterConfig, from text; `file` is its absolute path: errors show it and relative paths start there. What jobs
 * run is read by `readText`.
 */
export function parseMusterConfig(text: string, file: string, readText: ReadText = readUtf8): MusterConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail = (problems: Problem[]): never => {
    throw new ConfigError(shown(file), problems);
  };
  if (document.errors.length > 0) fail(syntaxProblems(document));

  const { value, problems: found } = checkFile(toPlain(document, fail));
  const draft = withoutRefused(value, found);
  const { files, problems: unreadable } = readJobFiles(draft, path.dirname(file), readText);
  const problems = [...found, ...ruleProblems(draft), ...unreadable];
  if (problems.length > 0) {
    fail(problems.map((problem) => withLine(problem, lineOf(document, lines, problem.path))));
  }
  const { org, state, clusters } = value as MusterFile;
  return deepFreeze({
    org,
    state: stateSettings(state, org, path.dirname(file)),
    clusters: clusters.map(({ jobs, ...cluster }) => ({
      cluster,
      jobs: jobs.map((job) => declareJob(job, files)),
    })),
  });
}

const readUtf8: ReadText = (file) => readFileSync(file, "utf8");

function readConfig(file: string): string {
  try {
    return readUtf8(file);
  } catch (error) {
    const message = `can't be read (${(error as Error).message}); write one (examples/muster.yaml shows how) or name another in MUSTER_CONFIG`;
    throw new ConfigError(shown(file), [{ path: [], message }]);
  }
}

/** Relative to the working directory when it is below it. */
function shown(file: string): string {
  const relative = path.relative("", file);
  return relative.startsWith("..") ? file : relative;
}

function syntaxProblems(document: Document.Parsed): Problem[] {
  return document.errors.map((error) => {
    const message = `is not YAML: ${error.message.split("\n")[0]}`;
    return withLine({ path: [], message }, error.linePos?.[0].line);
  });
}

function toPlain(document: Document, fail: (problems: Problem[]) => never): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Unknown aliases, and aliases that multiply without bound.
    return fail([{ path: [], message: (error as Error).message }]);
  }
}

function withLine(problem: Problem, line: number | undefined): Problem {
  return line === undefined ? problem : { ...problem, line };
}

/** A copy without the values that `problems` are about. */
function withoutRefused(value: unknown, problems: readonly Problem[]): Draft {
  if (problems.some(({ path: at }) => at.length === 0)) return {};
  const copy = structuredClone(value);
  for (const problem of problems) removeAt(copy, problem.path);
  return copy as Draft;
}

function removeAt(target: unknown, [first, ...rest]: Path): void {
  if (typeof target !== "object" || target === null || first === undefined) return;
  const holder = target as Record<string | number, unknown>;
  if (rest.length > 0) removeAt(holder[first], rest);
  else holder[first] = undefined;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
