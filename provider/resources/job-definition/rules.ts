import {
  firstWordProblem,
  jobBytesProblem,
  unusedScriptProblem,
} from "../../../agent/contract/job-command.js";
import {
  environmentProblem,
  JOB_LIMITS,
  textProblem,
  variableNameProblem,
  variableProblem,
  wordProblem,
} from "../../../agent/contract/job-request.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";
import type { Config } from "../../core/types.js";
import { invalidValue } from "../../core/validate.js";
import { isWhollyKnown, UNKNOWN, type Value } from "../../core/value.js";
import type { jobDefinitionSchema } from "./schema.js";

type DefinitionConfig = Config<typeof jobDefinitionSchema>;

/** Everything that can be known of a job definition's configuration while planning, beyond single attributes. */
export const jobDefinitionRules = (config: DefinitionConfig): readonly Diagnostic[] =>
  [
    commandWords,
    commandBegins,
    commandRunsScript,
    scriptIsText,
    environmentVariables,
    jobFitsRegistry,
  ].flatMap((rule) => rule(config));

/** Each known word of the command can be passed to mpiexec. */
export function commandWords({ command }: DefinitionConfig): readonly Diagnostic[] {
  if (command === UNKNOWN) return [];
  return (command as readonly Value[]).flatMap((word, index) => {
    const problem = checkWord(word);
    return problem === null ? [] : [invalidValue(["command", index], shown(word), problem)];
  });
}

/** The first word is Python's and not Python itself. */
function commandBegins({ command, script }: DefinitionConfig): readonly Diagnostic[] {
  if (!isWhollyKnown(command as Value) || script === UNKNOWN || script?.name === UNKNOWN) return [];
  const words = textsOf(command);
  const problem = firstWordProblem(words, script?.name);
  return problem === null ? [] : [invalidValue(["command", 0], shown(words[0] ?? ""), problem)];
}

/** A script that no word of the command names would never run. */
export function commandRunsScript({ command, script }: DefinitionConfig): readonly Diagnostic[] {
  if (script === null || script === UNKNOWN || script.name === UNKNOWN || !isWhollyKnown(command as Value)) {
    return [];
  }
  const problem = unusedScriptProblem(textsOf(command), script.name);
  return problem === null ? [] : [invalidValue(["script", "name"], shown(script.name), problem)];
}

/** Each known variable has a valid name and value, and all of them together are not too many. */
export function environmentVariables({ environment }: DefinitionConfig): readonly Diagnostic[] {
  const entries = entriesOf(environment);
  const whole = environmentProblem(Object.fromEntries(entries));
  if (whole !== null) return [invalidValue(["environment"], `${entries.length} variables`, whole)];
  return entries.flatMap(([key, value]) => {
    const problem = value === UNKNOWN ? variableNameProblem(key) : variableProblem(key, value);
    // People put secrets into variables although they should not.
    return problem === null
      ? []
      : [invalidValue(["environment", { key }], "(a value that is not shown)", problem)];
  });
}

/** A known script's text can be stored in a file. */
export function scriptIsText({ script }: DefinitionConfig): readonly Diagnostic[] {
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
}: DefinitionConfig): readonly Diagnostic[] {
  const parts = { command, script, environment, triggers } as unknown as Record<string, Value>;
  if (!isWhollyKnown(parts)) return [];
  const problem = jobBytesProblem(parts);
  // Limits that the variables alone exceed are reported for them.
  if (problem === null || environmentProblem(Object.fromEntries(entriesOf(environment))) !== null) return [];
  const detail = `All of command, script, environment and triggers ${problem}.`;
  return [
    errorDiagnostic("job-too-large", "The job is too large", detail, [
      script === null ? "environment" : "script",
    ]),
  ];
}

function checkWord(word: Value): string | null {
  if (word === UNKNOWN) return null;
  if (typeof word !== "string" || word.length < 1 || word.length > JOB_LIMITS.wordCharacters) {
    return `must have 1 to ${JOB_LIMITS.wordCharacters} characters`;
  }
  return wordProblem(word);
}

const textsOf = (command: unknown): readonly string[] =>
  (command as readonly Value[]).filter((word) => typeof word === "string");
const entriesOf = (values: unknown): readonly [string, Value][] =>
  values === null || values === UNKNOWN ? [] : Object.entries(values as Readonly<Record<string, Value>>);

/** Enough of a word for a person to recognise it. */
const shown = (word: Value): string =>
  JSON.stringify(typeof word === "string" && word.length > 60 ? `${word.slice(0, 60)}...` : word);
