import { firstWordProblem, jobBytesProblem } from "../../agent/contract/job-command.js";
import { environmentProblem, variableProblem, wordProblem } from "../../agent/contract/job-request.js";
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
      const problems = [...wordProblems(definition), ...variableProblems(definition)];
      const found = problems.length > 0 ? problems : sizeProblems(definition, files);
      return found.map(({ path, message }) => ({ path: [...at, ...path], message }));
    }),
  );
}

function wordProblems({ command, arguments: args }: DraftDefinition): Problem[] {
  const each = (key: string, words: readonly (string | undefined)[] = []): Problem[] =>
    words.flatMap((word, index) => problemAt([key, index], word, wordProblem(word ?? "")));
  const known = (command ?? []).filter((word) => word !== undefined);
  const first = known.length === command?.length ? firstWordProblem(known) : null;
  return [
    ...problemAt(["command", 0], command?.[0], first),
    ...each("command", command),
    ...each("arguments", args),
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
  const { command, script, environment } = declareDefinition(definition as JobDefinitionSettings, files);
  const problem = jobBytesProblem({ command, script, environment });
  return problem === null ? [] : [{ path: [], message: `it ${problem}` }];
}

const problemAt = (path: Path, value: unknown, problem: string | null): Problem[] =>
  problem === null ? [] : [{ path, message: `got ${renderValue(value)}; it ${problem}` }];
