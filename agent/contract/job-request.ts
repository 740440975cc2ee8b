/**
 * What a job's request may hold: limits, which the registry's schema checks, and rules that a schema can't say. A rule
 * answers what is wrong, completing "it ...", or null; whoever can write the table can write a request, so submitters
 * and the head check the same.
 */

/** How large a job may be: it has to fit into one item of the table, of 400 KB. */
export const JOB_LIMITS = {
  words: 256,
  wordCharacters: 4096,
  scriptCharacters: 200_000,
  variableCharacters: 32_768,
  processes: 100_000,
  timeoutSeconds: 604_800,
} as const;

export const SCRIPT_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";
export const VARIABLE_NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]*$";

/** When a definition is run: by each apply that changes what it runs, or only by hand. */
export const RUN_POLICIES = ["on_change", "manual"] as const;
export type RunPolicy = (typeof RUN_POLICIES)[number];

/** In the environment of every process of a job: it is how leftovers are found. */
export const JOB_ID_VARIABLE = "MUSTER_JOB_ID";
/** DynamoDB's limit for an item is 400 KB; the rest is room for what the run adds. */
export const MAX_JOB_BYTES = 370_000;

/** One word of the command. */
export function wordProblem(word: string): string | null {
  if (word === ":") return "can't be passed alone, mpiexec takes it as the start of another program";
  return word.includes("\0") ? "holds a NUL character" : null;
}

/** One environment variable. */
export function variableProblem(name: string, value: string): string | null {
  if (name === JOB_ID_VARIABLE) return "is set by Muster";
  return value.includes("\0") ? "holds a NUL character" : null;
}
