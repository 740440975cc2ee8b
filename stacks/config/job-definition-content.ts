import { wordsOf } from "../../agent/contract/command-words.js";
import { firstWordProblem, jobBytesProblem } from "../../agent/contract/job-command.js";
import { environmentProblem, variableProblem, wordProblem } from "../../agent/contract/job-request.js";
import { requestRules } from "../../agent/contract/job-rules.js";
import { scheduleRules } from "../../agent/contract/job-schedule-rules.js";
import type { Draft } from "./draft.js";
import type { JobDefinitionSettings } from "./job-definition.js";
import { declareDefinition, type ScriptFiles } from "./job-definition-files.js";
import type { DraftDefinition } from "./job-definition-rules.js";
import { type Path, type Problem, renderValue } from "./problem.js";

/** The contract's rules for what each job definition runs, whose files are `files`: the same as Terraform and the agents have. Pure. */
export function definitionContentProblems({ clusters = [] }: Draft, files: ScriptFiles): Problem[] {
  return clusters.flatMap((cluster, clusterIndex) =>
    (cluster?.jobDefinitions ?? []).flatMap((definition, index): Problem[] => {
      if (definition === undefined) return [];
      const at = ["clusters", clusterIndex, "jobDefinitions", index];
      const problems = [
        ...wordProblems(definition),
        ...fittingProblems(definition),
        ...variableProblems(definition),
      ];
      const found = problems.length > 0 ? problems : sizeProblems(definition, files);
      return found.map(({ path, message }) => ({ path: [...at, ...path], message }));
    }),
  );
}

function wordProblems({ command, arguments: args, setup }: DraftDefinition): Problem[] {
  return [
    ...commandProblems(["command"], command, firstWordProblem),
    ...commandProblems(["arguments"], args),
    ...commandProblems(["setup", "command"], setup?.command),
  ];
}

/** Of a text or a list, in which the schema may have refused some words. */
function commandProblems(
  path: Path,
  command: string | readonly (string | undefined)[] = [],
  firstProblem: (words: readonly string[]) => string | null = () => null,
): Problem[] {
  const split = typeof command === "string" ? wordsOf(command) : null;
  if (split !== null && "problem" in split) return problemAt(path, command, split.problem);
  const words = split?.words ?? (command as readonly (string | undefined)[]);
  // A text has one place for all its words.
  const placeOf = (index: number): Path => (split === null ? [...path, index] : path);
  const known = words.filter((word) => word !== undefined);
  const first = known.length === words.length ? firstProblem(known) : null;
  return [
    ...problemAt(placeOf(0), words[0], first),
    ...words.flatMap((word, index) => problemAt(placeOf(index), word, wordProblem(word ?? ""))),
  ];
}

/** How the values fit each other: the contract's rules, whose places are muster.yaml's too. A file beside a source is reported elsewhere. */
function fittingProblems({ schedule, ...request }: DraftDefinition): Problem[] {
  const ofSchedule = schedule === undefined ? [] : scheduleRules(schedule);
  return [
    ...requestRules(request),
    ...ofSchedule.map(({ path, message }) => ({ path: ["schedule", ...path], message })),
  ];
}

/** Messages do not show the values: people put secrets into variables although they should not. */
function variableProblems({ environment = {} }: DraftDefinition): Problem[] {
  const whole = environmentProblem(environment);
  if (whole !== null) return [{ path: ["environment"], message: `it ${whole}` }];
  return Object.entries(environment).flatMap(([name, value]) => {
    const problem = variableProblem(name, value ?? "");
    return problem === null ? [] : [{ path: ["environment", name], message: `it ${problem}` }];
  });
}

/** Of a definition that is well so far. */
function sizeProblems(definition: DraftDefinition, files: ScriptFiles): Problem[] {
  // The schema may have refused the set-up's command.
  const { setup: given, ...rest } = definition;
  const settings = given?.command === undefined ? rest : definition;
  const { command, script, environment, source, setup } = declareDefinition(
    settings as JobDefinitionSettings,
    files,
  );
  const problem = jobBytesProblem({ command, script, environment, source, setup });
  return problem === null ? [] : [{ path: [], message: `it ${problem}` }];
}

const problemAt = (path: Path, value: unknown, problem: string | null): Problem[] =>
  problem === null ? [] : [{ path, message: `got ${renderValue(value)}; it ${problem}` }];
