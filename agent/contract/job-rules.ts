import { textProblem } from "./job-request.js";
import { ATTEMPT_REASONS } from "./reasons/attempt.js";
import { RETRY_CAUSES, RETRY_LIMITS } from "./retry-policy.js";
import { shownValue } from "./shown-value.js";
import { innerPathProblem } from "./source-policy.js";
import { sourceProblems } from "./source-problems.js";

/** One thing that is wrong with a request, or a schedule, although it fits its schema. */
export interface RuleProblem {
  /** From the top, in the contract's words: ["setup", "command", 0]. */
  readonly path: readonly (string | number)[];
  /** What is wrong there, with the value where it may be shown. */
  readonly message: string;
}
type Fields = Readonly<Record<string, unknown>>;

/**
 * How the values of a request must fit each other and the world, beside command, script and environment. Every way in has these
 * rules: HTTP and the head name the places as they are, muster.yaml and Terraform in their own words. A value that is absent, null or of
 * another type passes: the schema is about that, and Terraform may not know it yet. Pure.
 */
export const requestRules = (request: Fields): RuleProblem[] => [
  ...placeRules(request),
  ...Array.from(sourceProblems(request["source"]), ruleProblemOf),
  ...setupRules(request["setup"]),
  ...retryRules(request["retries"]),
  ...mpiRules(request),
];

/** A rule's line, `setup.command.0: "x" must ...`, with its place taken apart. The steps of the place are plain words. Pure. */
export function ruleProblemOf(line: string): RuleProblem {
  const [, place = "", message = line] = /^([\w.]+): (.*)$/s.exec(line) ?? [];
  const steps = place === "" ? [] : place.split(".");
  return { path: steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)), message };
}

/** Where the job's files come from, and which of them it uses. */
function placeRules(request: Fields): RuleProblem[] {
  const hasSource = isGiven(request["source"]);
  const inner = ["workingFolder", "requirements"].flatMap((key): RuleProblem[] => {
    const path = request[key];
    if (!isGiven(path)) return [];
    if (!hasSource) return [problemAt([key], path, "names a part of the source, and the job has none")];
    const problem = typeof path === "string" ? (innerPathProblem(path) ?? fileProblem(key, path)) : null;
    return problem === null ? [] : [problemAt([key], path, problem)];
  });
  if (!hasSource || !isGiven(request["script"])) return inner;
  const both = "a job has either a script or a source; put the script into the source";
  return [...inner, { path: ["source"], message: both }];
}

/** What can be installed from: a pyproject.toml, or a list of requirements. */
function fileProblem(key: string, path: string): string | null {
  const isFine = key !== "requirements" || /(?:^|\/)pyproject\.toml$|\.txt$/.test(path);
  return isFine ? null : "must be a pyproject.toml or end with .txt";
}

function setupRules(setup: unknown): RuleProblem[] {
  const command = fieldsOf(setup)["command"];
  if (!Array.isArray(command)) return [];
  return command.flatMap((word: unknown, index) => {
    const problem = typeof word === "string" ? textProblem(word) : null;
    return problem === null ? [] : [problemAt(["setup", "command", index], word, problem)];
  });
}

function retryRules(retries: unknown): RuleProblem[] {
  const causes = fieldsOf(retries)["on"];
  // A list that is too long is one problem, the schema's.
  if (!Array.isArray(causes) || causes.length > RETRY_LIMITS.causes) return [];
  const isCause = (cause: unknown): boolean =>
    typeof cause !== "string" ||
    RETRY_CAUSES.some((one) => one === cause) ||
    Object.hasOwn(ATTEMPT_REASONS, cause);
  const must = `must be ${RETRY_CAUSES.join(", ")} or the code of an attempt's reason, such as timed-out`;
  return causes.flatMap((cause: unknown, index) =>
    isCause(cause) ? [] : [problemAt(["retries", "on", index], cause, must)],
  );
}

/** What has no meaning without MPI. */
function mpiRules(request: Fields): RuleProblem[] {
  if (request["mpi"] !== false) return [];
  return ["processes", "processesPerNode", "onRankFailure"]
    .filter((key) => isGiven(request[key]))
    .map((key) => problemAt([key], request[key], "has no meaning for a job without MPI (mpi is false)"));
}

/** `problem` completes "it ...". */
const problemAt = (path: RuleProblem["path"], value: unknown, problem: string): RuleProblem => ({
  path,
  message: `${shownValue(value)} ${problem}`,
});

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
