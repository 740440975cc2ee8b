/**
 * What a job's request may not hold although its schema would let it. Each answers what is wrong, completing "it ...", or
 * null; whoever can write the table can write a request, so submitters and the head check the same.
 */

export const OUTPUT_FILE = "output.log";
export const EXIT_CODE_FILE = "exit-code";
/** The hostfile's copy in the job's folder. */
export const HOSTFILE_COPY = "hostfile";
const RESERVED_NAMES: readonly string[] = [OUTPUT_FILE, EXIT_CODE_FILE, HOSTFILE_COPY];
/** In the environment of every process of a job: it is how leftovers are found. */
export const JOB_ID_VARIABLE = "MUSTER_JOB_ID";
/** DynamoDB's limit for an item is 400 KB; the rest is room for what the run adds. */
export const MAX_JOB_BYTES = 370_000;

/** One word of the command. */
export function wordProblem(word: string): string | null {
  if (word === ":") return "can't be passed alone, mpiexec takes it as the start of another program";
  return word.includes("\0") ? "holds a NUL character" : null;
}

/** The inline script's name. */
export function scriptNameProblem(name: string): string | null {
  return RESERVED_NAMES.includes(name)
    ? `is taken; ${RESERVED_NAMES.join(", ")} are Muster's own files`
    : null;
}

/** One environment variable. */
export function variableProblem(name: string, value: string): string | null {
  if (name === JOB_ID_VARIABLE) return "is set by Muster";
  return value.includes("\0") ? "holds a NUL character" : null;
}
