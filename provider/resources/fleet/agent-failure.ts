/** Why a node's agent can't start: the last line that it ended with, as the console has it. */
export interface AgentFailure {
  /** Of the agent's own list of errors, e.g. secret-unavailable. */
  readonly code: string;
  readonly message: string;
  /** The agent's word on what to do. */
  readonly next: string;
  /** Waiting longer can't help. */
  readonly isLasting: boolean;
}

interface FatalLine {
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** The name of the error behind it, in AWS's words; "" where there is none. */
  readonly cause: string;
}

/** The agent's level of what it ends with; systemd then starts it again, for ever. */
const FATAL = 60;
/** Two minutes of one cause: it tries each thing for one before it ends. */
const LASTING_MS = 120_000;
/** These don't pass by themselves; a new role's rights come while the agent is still trying. */
const LASTING_CODES = ["config-invalid"];
const LASTING_CAUSES =
  /AccessDenied|NotAuthorized|ParameterNotFound|InvalidKeyId|KMSInvalidState|ResourceNotFound/i;

/**
 * What ended the agent last, from the console's lines, oldest first; null: nothing did, or it has started since. Times are
 * compared within the one console, so that no clocks need to agree.
 */
export function findAgentFailure(lines: readonly string[]): AgentFailure | null {
  const entries = lines.map(parseEntry).filter((entry) => entry !== null);
  // Only an agent that has started tells of its probes.
  const started = entries.findLastIndex(({ probe }) => probe !== undefined);
  const fatal = entries
    .slice(started + 1)
    .map(fatalOf)
    .filter((line) => line !== null);
  const last = fatal.at(-1);
  if (last === undefined) return null;
  const { code, cause, message, hint } = last;
  const others = fatal.findLastIndex((line) => line.code !== code);
  const first = fatal[others + 1] ?? last;
  const isLasting =
    LASTING_CODES.includes(code) || LASTING_CAUSES.test(cause) || last.atMs - first.atMs >= LASTING_MS;
  return { code, message, next: hint, isLasting };
}

type Entry = Readonly<Record<string, unknown>>;

/** A line of the journal on the console: what systemd puts before it, and the agent's JSON. */
function parseEntry(line: string): Entry | null {
  const start = line.indexOf('{"');
  if (start < 0) return null;
  try {
    return JSON.parse(line.slice(start)) as Entry;
  } catch {
    // Another program's line, or one that was cut.
    return null;
  }
}

function fatalOf({ level, code, time, msg, hint, cause }: Entry): FatalLine | null {
  if (level !== FATAL || typeof code !== "string") return null;
  const atMs = Date.parse(textOf(time));
  return { atMs, code: textOf(code), message: textOf(msg), hint: textOf(hint), cause: textOf(cause) };
}

/** A node's text goes into a diagnostic: nothing in it may steer a terminal. */
const textOf = (value: unknown): string =>
  typeof value === "string" ? value.replace(/\p{Cc}+/gu, " ").slice(0, 1000) : "";
