import path from "node:path";
import { JOB_LIMITS } from "../../agent/contract/job-request.js";
import { PREFLIGHT_CHECKS, SKIPPED_CHECKS_VARIABLE } from "../../agent/contract/preflight-checks.js";
import type { AccountSettings } from "./account.js";
import type { BakedImageSettings } from "./baked-image.js";
import { readBootScripts } from "./boot-script.js";
import { checkFile } from "./check.js";
import { readDocument } from "./document.js";
import type { Draft } from "./draft.js";
import { definitionContentProblems } from "./job-definition-content.js";
import {
  declareDefinition,
  type JobDefinitionDeclaration,
  type ReadFile,
  readScriptFiles,
} from "./job-definition-files.js";
import type { NotebookSettings } from "./notebook.js";
import { ConfigError, type Path, type Problem } from "./problem.js";
import { ruleProblems } from "./rules.js";
import type { ClusterSettings, MusterFile } from "./schema.js";
import { type StateSettings, stateSettings } from "./state.js";
import { readAtMost, readWhole } from "./system/read.js";
import { decodeUtf8 } from "./text.js";

/** A hundred clusters, each with a hundred job definitions, are smaller. */
const MAX_FILE_BYTES = 1_048_576;
/** A character takes 1 to 4 bytes. */
const MAX_SCRIPT_BYTES = JOB_LIMITS.scriptCharacters * 4;

/** muster.yaml as the stacks use it: complete, checked and frozen. */
export interface MusterConfig {
  readonly org: MusterFile["org"];
  /** Undefined: the credentials are used as they are, in any account. */
  readonly account?: AccountSettings;
  readonly state: StateSettings;
  readonly preflight: MusterFile["preflight"];
  /** One version of each family. */
  readonly images: readonly BakedImageSettings[];
  readonly clusters: readonly ClusterDeclaration[];
}

/** A cluster, and the job definitions that Terraform keeps on it. */
export interface ClusterDeclaration {
  readonly cluster: ClusterSettings;
  readonly jobDefinitions: readonly JobDefinitionDeclaration[];
  /** Those that are attached to it. */
  readonly notebooks: readonly NotebookSettings[];
  /** The text of `cluster.bootScript.file`; undefined: there is none. */
  readonly bootScriptText?: string;
}

/**
 * Reads and checks the file of the environment variable MUSTER_CONFIG, by default ./muster.yaml. MUSTER_PREFLIGHT_SKIP names further
 * checks that a plan leaves out. Throws ConfigError with every problem of the file. Changes nothing; may run any number of times.
 */
export function loadMusterConfig(environment: NodeJS.ProcessEnv = process.env): MusterConfig {
  const file = path.resolve(environment["MUSTER_CONFIG"] ?? "muster.yaml");
  const config = parseMusterConfig(readConfig(file), file);
  const skip = skippedChecks(environment[SKIPPED_CHECKS_VARIABLE] ?? "");
  if (skip.length === 0) return config;
  const { preflight } = config;
  return deepFreeze({
    ...config,
    preflight: { ...preflight, skip: [...new Set([...preflight.skip, ...skip])] },
  });
}

function skippedChecks(list: string): MusterConfig["preflight"]["skip"] {
  const names = list.split(",").filter((name) => name !== "");
  const checks = PREFLIGHT_CHECKS.filter((check) => names.includes(check));
  const unknown = names.filter((name) => !PREFLIGHT_CHECKS.some((check) => check === name));
  if (unknown.length === 0) return checks;
  const message = `has ${unknown.join(", ")}; allowed: ${PREFLIGHT_CHECKS.join(", ")}`;
  throw new ConfigError(SKIPPED_CHECKS_VARIABLE, [{ path: [], message }]);
}

/**
 * As loadMusterConfig, from text; `file` is its absolute path: errors show it and relative paths start there. What job definitions
 * run is read by `readFile`.
 */
export function parseMusterConfig(
  text: string,
  file: string,
  readFile: ReadFile = readScriptFile,
): MusterConfig {
  const fail = (problems: Problem[]): never => {
    throw new ConfigError(shown(file), problems);
  };
  const document = readDocument(text);
  if ("problems" in document) return fail(document.problems);
  const { value, problems: found } = checkFile(document.value, document.written);
  const draft = withoutRefused(value, found);
  const { files, problems: unreadable } = readScriptFiles(draft, path.dirname(file), readFile);
  const bootScripts = readBootScripts(draft, path.dirname(file), readFile);
  const problems = [
    ...found,
    ...bootScripts.problems,
    ...ruleProblems(draft),
    ...unreadable,
    ...definitionContentProblems(draft, files),
  ];
  if (problems.length > 0) {
    fail(problems.map((problem) => withLine(problem, document.line(problem.path))));
  }
  const { org, account, state, preflight, images, clusters } = value as MusterFile;
  return deepFreeze({
    ...{ org, preflight, images },
    ...(account === undefined ? {} : { account }),
    state: stateSettings(state, org, path.dirname(file)),
    clusters: clusters.map(({ jobDefinitions, notebooks, dedicated, ...cluster }) => ({
      cluster,
      notebooks,
      ...bootScripts.textOf(cluster),
      jobDefinitions: jobDefinitions.map((definition) => ({
        ...declareDefinition(definition, files),
        ...(dedicated && definition.run === "on_change" ? { dedicated } : {}),
      })),
    })),
  });
}

function readConfig(file: string): string {
  const fail = (message: string, line?: number): never => {
    throw new ConfigError(shown(file), [withLine({ path: [], message }, line)]);
  };
  const bytes = readOr(file, fail);
  if (bytes === null) {
    return fail(`has more than ${MAX_FILE_BYTES} bytes; set MUSTER_CONFIG to the path of a muster.yaml`);
  }
  const decoded = decodeUtf8(bytes);
  return "text" in decoded ? decoded.text : fail(decoded.problem, decoded.line);
}

function readOr(file: string, fail: (message: string) => never): Uint8Array | null {
  try {
    return readAtMost(file, MAX_FILE_BYTES);
  } catch (error) {
    return fail(
      `can't be read (${(error as Error).message}); write one (see examples/muster.yaml) or set MUSTER_CONFIG to another path`,
    );
  }
}

const readScriptFile: ReadFile = (file) => readWhole(file, MAX_SCRIPT_BYTES);

/** Relative to the working directory when it is below it. */
function shown(file: string): string {
  const relative = path.relative("", file);
  return relative.startsWith("..") ? file : relative;
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
