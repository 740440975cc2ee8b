/**
 * What a job's request may contain: limits, which the registry's schema checks, and rules that a schema can't express. A rule
 * returns the problem, completing "it ...", or null. Anyone with access to the table can write a request, so submitters and the
 * head check the same rules.
 */

/** How large a job may be: it must fit into one item of the table, which may have 400 KB. */
export const JOB_LIMITS = {
  words: 256,
  wordCharacters: 4096,
  scriptCharacters: 200_000,
  variables: 256,
  variableNameCharacters: 256,
  variableCharacters: 32_768,
  /** Names and values of all variables together. */
  environmentBytes: 131_072,
  processes: 100_000,
  timeoutSeconds: 604_800,
  idempotencyKeyCharacters: 200,
} as const;
/** How long a job may run where its request does not say. */
export const DEFAULT_JOB_TIMEOUT_SECONDS = 3600;
/** How long its set-up may take on a node where its request does not say. */
export const DEFAULT_SETUP_TIMEOUT_SECONDS = 600;

export const SCRIPT_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";
export const VARIABLE_NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]*$";
const VARIABLE_NAME = new RegExp(VARIABLE_NAME_PATTERN);

/** When a definition runs: by each apply that changes what it runs, or only by hand. */
export const RUN_POLICIES = ["on_change", "manual"] as const;
export type RunPolicy = (typeof RUN_POLICIES)[number];

/** What follows a rank that fails while the others run. Default: abort. */
export const RANK_FAILURE_POLICIES = ["abort", "continue"] as const;
export type RankFailurePolicy = (typeof RANK_FAILURE_POLICIES)[number];
/** What follows a node that fails the preflight: the job fails, or it runs on the others. Default: fail. */
export const BAD_NODE_POLICIES = ["fail", "continue"] as const;
export type BadNodePolicy = (typeof BAD_NODE_POLICIES)[number];
/** What follows where the cluster has another job: this one waits, or is refused. Default: queue. */
export const BUSY_POLICIES = ["queue", "refuse"] as const;
export type BusyPolicy = (typeof BUSY_POLICIES)[number];
/** MPI's implementation: the image's MPICH, or Intel MPI. Default: the cluster's. */
export const RUNTIMES = ["mpich", "intel"] as const;
export type Runtime = (typeof RUNTIMES)[number];
export const DEFAULT_RUNTIME: Runtime = "mpich";

/** In the environment of every process of a job: leftover processes are found by it. */
export const JOB_ID_VARIABLE = "MUSTER_JOB_ID";
/** MPICH's launcher gives each rank its own value of these: its number, its sockets, its neighbours on the node. */
const LAUNCHER_VARIABLE = /^(?:PMI_|PMIX_|HYDI_|MPI_LOCALNRANKS$|MPI_LOCALRANKID$)/;
/** How mpiexec starts the ranks. A rank gets it too late: it could change nothing. */
const MPIEXEC_VARIABLE = /^HYDRA_/;
/** Muster's own, for its launcher and its ranks. */
const OWN_VARIABLE = /^MUSTER_/;
/** DynamoDB's limit for an item is 400 KB; the rest is room for what its attempt adds. */
export const MAX_JOB_BYTES = 370_000;

/** A text that UTF-8 and a C string can represent. */
export function textProblem(text: string): string | null {
  if (text.includes("\0")) return "holds a NUL character";
  return /\p{Surrogate}/u.test(text) ? "holds half a character (a lone surrogate), which is no UTF-8" : null;
}

/** One word of the command. */
export function wordProblem(word: string): string | null {
  if (word === ":") return "can't be passed alone, mpiexec takes it as the start of another program";
  return textProblem(word);
}

/** The name of one environment variable. */
export function variableNameProblem(name: string): string | null {
  if (name.length > JOB_LIMITS.variableNameCharacters) {
    return `must have a name of at most ${JOB_LIMITS.variableNameCharacters} characters`;
  }
  if (!VARIABLE_NAME.test(name)) {
    return "must have a name of letters, digits and underscores, no digit first";
  }
  if (OWN_VARIABLE.test(name)) return "is set by Muster: names that begin with MUSTER_ are its own";
  if (MPIEXEC_VARIABLE.test(name))
    return "is read by mpiexec alone, which Muster starts with its own settings";
  if (LAUNCHER_VARIABLE.test(name)) return "is set by MPI's launcher, for each rank its own";
  // They are members of every JavaScript object: a library could lose them.
  return name in {} ? "is a name that programs on the way to the job keep for themselves" : null;
}

/** One environment variable. The problem never shows its value: people put secrets into variables although they should not. */
export function variableProblem(name: string, value: unknown): string | null {
  const problem = variableNameProblem(name);
  if (problem !== null) return problem;
  if (typeof value !== "string") return "must have a text as its value; put a number in quotes";
  if (value.length > JOB_LIMITS.variableCharacters) {
    return `must have a value of at most ${JOB_LIMITS.variableCharacters} characters`;
  }
  return textProblem(value);
}

/** All environment variables together. */
export function environmentProblem(environment: Readonly<Record<string, unknown>>): string | null {
  const entries = Object.entries(environment);
  if (entries.length > JOB_LIMITS.variables) {
    return `has ${entries.length} variables; a job may have ${JOB_LIMITS.variables}`;
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + bytesOf(name) + bytesOf(value), 0);
  return bytes > JOB_LIMITS.environmentBytes
    ? `takes ${bytes} bytes; a job's variables may take ${JOB_LIMITS.environmentBytes} together. Put large values into a file on /shared`
    : null;
}

const bytesOf = (value: unknown): number => (typeof value === "string" ? Buffer.byteLength(value) : 0);
