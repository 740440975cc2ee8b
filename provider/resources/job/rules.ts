import {
  environmentProblem,
  JOB_LIMITS,
  MAX_JOB_BYTES,
  textProblem,
  variableNameProblem,
  variableProblem,
  wordProblem,
} from "../../../agent/contract/job-request.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";
import type { Config } from "../../core/types.js";
import { invalidValue } from "../../core/validate.js";
import { isWhollyKnown, UNKNOWN, type Value } from "../../core/value.js";
import type { jobSchema } from "./schema.js";

type JobConfig = Config<typeof jobSchema>;

/** Everything that can be known of a job's configuration while planning, beyond single attributes. */
export const jobRules = (config: JobConfig): readonly Diagnostic[] =>
  [commandWords, commandRunsScript, scriptText, environmentVariables, jobFitsRegistry].flatMap((rule) =>
    rule(config),
  );

/** Each known word of the command can be passed on. */
export function commandWords({ command }: JobConfig): readonly Diagnostic[] {
  if (command === UNKNOWN) return [];
  return (command as readonly Value[]).flatMap((word, index) => {
    const problem = checkWord(word);
    return problem === null ? [] : [invalidValue(["command", index], shown(word), problem)];
  });
}

/** A script that no word of the command names would travel along and never run. */
export function commandRunsScript({ command, script }: JobConfig): readonly Diagnostic[] {
  if (script === null || script === UNKNOWN || script.name === UNKNOWN || !isWhollyKnown(command as Value)) {
    return [];
  }
  if ((command as readonly Value[]).includes(script.name)) return [];
  return [
    invalidValue(
      ["script", "name"],
      shown(script.name),
      "must be one element of command, else it is never run; the script is in the folder that the command starts in",
    ),
  ];
}

/** Each known variable has a name and a value that a process can have, and all of them together are not too many. */
export function environmentVariables({ environment }: JobConfig): readonly Diagnostic[] {
  const entries = entriesOf(environment);
  const whole = environmentProblem(Object.fromEntries(entries));
  if (whole !== null) return [invalidValue(["environment"], `${entries.length} variables`, whole)];
  return entries.flatMap(([key, value]) => {
    const problem = value === UNKNOWN ? variableNameProblem(key) : variableProblem(key, value);
    // People put into variables what they should not.
    return problem === null
      ? []
      : [invalidValue(["environment", { key }], "(a value that is not shown)", problem)];
  });
}

/** A known script's text is one that a file can hold. */
export function scriptText({ script }: JobConfig): readonly Diagnostic[] {
  const content = script === null || script === UNKNOWN ? null : (script.content as Value);
  const problem = typeof content === "string" ? textProblem(content) : null;
  return problem === null ? [] : [invalidValue(["script", "content"], "(a text that is not shown)", problem)];
}

/** The registry keeps a job in one item. */
export function jobFitsRegistry({
  command,
  script,
  environment,
  triggers,
}: JobConfig): readonly Diagnostic[] {
  const parts = { command, script, environment, triggers } as unknown as Record<string, Value>;
  if (!isWhollyKnown(parts)) return [];
  const bytes = Buffer.byteLength(JSON.stringify(parts));
  // What the variables alone break is said of them.
  if (bytes <= MAX_JOB_BYTES || environmentProblem(Object.fromEntries(entriesOf(environment))) !== null)
    return [];
  const detail = `command, script, environment and triggers take ${bytes} bytes, and a job may have ${MAX_JOB_BYTES}. Put the script, or what it reads, on /shared.`;
  return [errorDiagnostic("The job is too large", detail, [script === null ? "environment" : "script"])];
}

function checkWord(word: Value): string | null {
  if (word === UNKNOWN) return null;
  if (typeof word !== "string" || word.length < 1 || word.length > JOB_LIMITS.wordCharacters) {
    return `must have 1 to ${JOB_LIMITS.wordCharacters} characters`;
  }
  return wordProblem(word);
}

const entriesOf = (values: unknown): readonly [string, Value][] =>
  values === null || values === UNKNOWN ? [] : Object.entries(values as Readonly<Record<string, Value>>);

/** So much of a word that a person recognizes it. */
const shown = (word: Value): string =>
  JSON.stringify(typeof word === "string" && word.length > 60 ? `${word.slice(0, 60)}...` : word);
