import { textProblem } from "./job-request.js";
import { RETRY_CAUSES } from "./job-retries.js";
import { innerPathProblem } from "./job-source.js";
import { REASONS } from "./reasons.js";

/** One thing that is wrong with a request, or a schedule, although it fits its schema. */
export interface RuleProblem {
  /** From the top, in the contract's words: ["setup", "command", 0]. */
  readonly path: readonly (string | number)[];
  /** What is wrong with the value there, completing "it ...". */
  readonly problem: string;
}
type Fields = Readonly<Record<string, unknown>>;

/**
 * How the values of a request must fit each other and the world, beside command, script and environment. Every way in has these
 * rules: HTTP and the head name the places as they are, muster.yaml and Terraform in their own words. A value that is absent, null or of
 * another type passes: the schema is about that, and Terraform may not know it yet. Pure.
 */
export const requestRules = (request: Fields): RuleProblem[] => [
  ...placeRules(request),
  ...setupRules(request["setup"]),
  ...retryRules(request["retries"]),
  ...mpiRules(request),
];

/** Where the job's files come from, and which of them it uses. */
function placeRules(request: Fields): RuleProblem[] {
  const hasSource = isGiven(request["source"]);
  const inner = ["workingFolder", "requirements"].flatMap((key): RuleProblem[] => {
    const path = request[key];
    if (!isGiven(path)) return [];
    if (!hasSource) return [{ path: [key], problem: "names a part of the source, and the job has none" }];
    const problem = typeof path === "string" ? innerPathProblem(path) : null;
    return problem === null ? [] : [{ path: [key], problem }];
  });
  if (!hasSource || !isGiven(request["script"])) return inner;
  return [
    ...inner,
    {
      path: ["source"],
      problem: "can't be beside a script: a job has one of them. Put the script into the source",
    },
  ];
}

function setupRules(setup: unknown): RuleProblem[] {
  const command = fieldsOf(setup)["command"];
  if (!Array.isArray(command)) return [];
  return command.flatMap((word: unknown, index) => {
    const problem = typeof word === "string" ? textProblem(word) : null;
    return problem === null ? [] : [{ path: ["setup", "command", index], problem }];
  });
}

function retryRules(retries: unknown): RuleProblem[] {
  const causes = fieldsOf(retries)["on"];
  if (!Array.isArray(causes)) return [];
  return causes.flatMap((cause: unknown, index) => {
    const problem = typeof cause === "string" ? retryCauseProblem(cause) : null;
    return problem === null ? [] : [{ path: ["retries", "on", index], problem }];
  });
}

/** A cause that a retry policy may name. */
function retryCauseProblem(cause: string): string | null {
  if ((RETRY_CAUSES as readonly string[]).includes(cause)) return null;
  const isReason = Object.hasOwn(REASONS, cause);
  const about = isReason ? REASONS[cause as keyof typeof REASONS].about : null;
  if (about === "job" || about === "attempt") return null;
  return `must be ${RETRY_CAUSES.join(", ")} or the code of a job's reason`;
}

/** What has no meaning without MPI. */
function mpiRules(request: Fields): RuleProblem[] {
  if (request["mpi"] !== false) return [];
  return ["processes", "processesPerNode", "onRankFailure"]
    .filter((key) => isGiven(request[key]))
    .map((key) => ({ path: [key], problem: "has no meaning for a job without MPI (mpi is false)" }));
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
