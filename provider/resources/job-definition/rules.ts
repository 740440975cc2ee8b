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
import { type RuleProblem, requestRules } from "../../../agent/contract/job-rules.js";
import { scheduleRules } from "../../../agent/contract/job-schedule-rules.js";
import { type Diagnostic, errorDiagnostic, type PathStep } from "../../core/diagnostic.js";
import { renderPath } from "../../core/path.js";
import type { Config } from "../../core/types.js";
import { invalidValue } from "../../core/validate.js";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value } from "../../core/value.js";
import type { jobDefinitionSchema } from "./schema.js";

type DefinitionConfig = Config<typeof jobDefinitionSchema>;

/** Everything that can be known of a job definition's configuration while planning, beyond single attributes. */
export const jobDefinitionRules = (config: DefinitionConfig): readonly Diagnostic[] =>
  [
    commandWords,
    commandBegins,
    commandRunsScript,
    setupWords,
    sourceIsOne,
    valuesFit,
    scheduleFits,
    dedicationFits,
    scriptIsText,
    environmentVariables,
    jobFitsRegistry,
  ].flatMap((rule) => rule(config));

/** Each known word of the command can be passed to mpiexec. */
export const commandWords = ({ command }: DefinitionConfig): readonly Diagnostic[] =>
  wordsAt(["command"], command, wordProblem);

/** Each known word of the set-up's command can be passed to a program. */
const setupWords = ({ setup }: DefinitionConfig): readonly Diagnostic[] =>
  isObjectValue(setup as Value)
    ? wordsAt(["setup", "command"], (setup as ObjectValue)["command"], () => null)
    : [];

function wordsAt(
  path: readonly PathStep[],
  words: unknown,
  problemOf: (word: string) => string | null,
): readonly Diagnostic[] {
  if (!Array.isArray(words)) return [];
  return (words as readonly Value[]).flatMap((word, index) => {
    const problem = checkWord(word, problemOf);
    return problem === null ? [] : [invalidValue([...path, index], shown(word), problem)];
  });
}

/** Exactly one kind of source, as far as is known. */
function sourceIsOne({ source }: DefinitionConfig): readonly Diagnostic[] {
  if (!isObjectValue(source as Value)) return [];
  const kinds = Object.entries(source as ObjectValue).filter(([, value]) => value !== null);
  const known = kinds.filter(([, value]) => value !== UNKNOWN).map(([kind]) => kind);
  if (known.length === 1 || (known.length === 0 && kinds.length > 0)) return [];
  const got = known.length === 0 ? "empty" : known.join(" and ");
  return [invalidValue(["source"], got, "must have exactly one of git, s3, shared and bundle")];
}

/** The contract's rules for how values fit each other. */
function valuesFit(config: DefinitionConfig): readonly Diagnostic[] {
  const known = (value: unknown): unknown => (value === UNKNOWN ? null : value);
  const request = {
    // What is not known may turn out to be null, but for a source, of which the others are a part.
    script: config.source === UNKNOWN ? null : known(config.script),
    source: knownSource(config.source as Value),
    workingFolder: known(config.working_folder),
    requirements: known(config.requirements),
    setup: known(config.setup),
    retries: known(config.retries),
    mpi: known(config.mpi),
    processes: known(config.processes),
    processesPerNode: known(config.processes_per_node),
    onRankFailure: known(config.on_rank_failure),
  };
  return requestRules(request).map((problem) => ruleDiagnostic([], problem));
}

/** Whether a repository needs credentials can't be said where it is not known whether it has some. */
function knownSource(source: Value): Value {
  if (!isObjectValue(source)) return source;
  const git = source["git"] ?? null;
  return isObjectValue(git) && git["credentials"] === UNKNOWN ? { ...source, git: null } : source;
}

/** The contract's rules for a schedule, where it is wholly known. */
function scheduleFits({ schedule }: DefinitionConfig): readonly Diagnostic[] {
  if (!isObjectValue(schedule as Value) || !isWhollyKnown(schedule as Value)) return [];
  const { time_zone: timeZone = null, ...rest } = schedule as ObjectValue;
  return scheduleRules({ ...rest, timeZone }).map((problem) => ruleDiagnostic(["schedule"], problem));
}

/** A cluster is made for a job that apply submits, and for no other. */
function dedicationFits({ dedicated, run, schedule }: DefinitionConfig): readonly Diagnostic[] {
  if (dedicated !== true) return [];
  const isByHand = run !== null && run !== UNKNOWN && run !== "on_change";
  const problems = [
    ...(isByHand ? [`only with run = "on_change" (it is ${JSON.stringify(run)})`] : []),
    ...(schedule === null || schedule === UNKNOWN ? [] : ["only without schedule"]),
  ];
  return problems.map((problem) => invalidValue(["dedicated"], "true", `is allowed ${problem}`));
}

/** A rule's problem, at its place in Terraform's words. */
function ruleDiagnostic(at: readonly PathStep[], { path, message }: RuleProblem): Diagnostic {
  const steps = [...at, ...path.map((step) => (typeof step === "string" ? snakeCase(step) : step))];
  const where = renderPath(steps);
  return errorDiagnostic("value-invalid", `Invalid ${where}`, `${where}: ${message}.`, steps);
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

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
  source,
  setup,
  triggers,
}: DefinitionConfig): readonly Diagnostic[] {
  const given = { command, script, environment, source, setup, triggers };
  const parts = given as unknown as Record<string, Value>;
  if (!isWhollyKnown(parts)) return [];
  const problem = jobBytesProblem(parts);
  // Limits that the variables alone exceed are reported for them.
  if (problem === null || environmentProblem(Object.fromEntries(entriesOf(environment))) !== null) return [];
  const detail = `All of command, script, environment, source, setup and triggers ${problem}.`;
  return [
    errorDiagnostic("job-too-large", "The job is too large", detail, [
      script === null ? "environment" : "script",
    ]),
  ];
}

function checkWord(word: Value, problemOf: (word: string) => string | null): string | null {
  if (word === UNKNOWN) return null;
  if (typeof word !== "string" || word.length < 1 || word.length > JOB_LIMITS.wordCharacters) {
    return `must have 1 to ${JOB_LIMITS.wordCharacters} characters`;
  }
  return problemOf(word);
}

const textsOf = (command: unknown): readonly string[] =>
  (command as readonly Value[]).filter((word) => typeof word === "string");
const entriesOf = (values: unknown): readonly [string, Value][] =>
  values === null || values === UNKNOWN ? [] : Object.entries(values as Readonly<Record<string, Value>>);

/** Enough of a word for a person to recognise it. */
const shown = (word: Value): string =>
  JSON.stringify(typeof word === "string" && word.length > 60 ? `${word.slice(0, 60)}...` : word);
