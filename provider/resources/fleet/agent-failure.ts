/** Why a node's agent can't start: its last fatal line on the console. */
export interface AgentFailure {
  /** Of the agent's own list of errors, e.g. secret-unavailable. */
  readonly code: string;
  readonly message: string;
  /** The agent's advice. */
  readonly next: string;
  /** Waiting longer can't help. */
  readonly isLasting: boolean;
}

interface FatalLine {
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** The name of AWS's error behind it; "" if there is none. */
  readonly cause: string;
}

/** The log level of the agent's last line; systemd then restarts it, forever. */
const FATAL = 60;
/** Two minutes of the same cause: the agent retries each step for one minute before it exits. */
const LASTING_MS = 120_000;
/** These do not pass; the permissions of a new role arrive while the agent still retries. */
const LASTING_CODES = ["config-invalid"];
const LASTING_CAUSES =
  /AccessDenied|NotAuthorized|ParameterNotFound|InvalidKeyId|KMSInvalidState|ResourceNotFound/i;

/**
 * Why the agent exited last, from the console's lines, oldest first; null: it did not exit, or has started since. It compares only
 * times of the same console, so that no clocks need to agree.
 */
export function findAgentFailure(lines: readonly string[]): AgentFailure | null {
  const entries = lines.map(parseEntry).filter((entry) => entry !== null);
  // Only an agent that has started logs its probes.
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

/** A journal line on the console: systemd's prefix, and the agent's JSON. */
function parseEntry(line: string): Entry | null {
  const start = line.indexOf('{"');
  if (start < 0) return null;
  try {
    return JSON.parse(line.slice(start)) as Entry;
  } catch {
    // A line of another program, or an incomplete one.
    return null;
  }
}

function fatalOf({ level, code, time, msg, hint, cause }: Entry): FatalLine | null {
  if (level !== FATAL || typeof code !== "string") return null;
  const atMs = Date.parse(textOf(time));
  return { atMs, code: textOf(code), message: textOf(msg), hint: textOf(hint), cause: textOf(cause) };
}

/** A node's text goes into a diagnostic, so it must not contain control characters. */
const textOf = (value: unknown): string =>
  typeof value === "string" ? value.replace(/\p{Cc}+/gu, " ").slice(0, 1000) : "";
