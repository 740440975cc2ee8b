import type { Draft } from "./draft.js";
import { type Problem, renderValue } from "./problem.js";

/** A job definition of the file, without what the schema refused. */
export type DraftDefinition = NonNullable<
  NonNullable<NonNullable<NonNullable<Draft["clusters"]>[number]>["jobDefinitions"]>[number]
>;

/** How the values of a cluster's job definitions must fit each other. Pure. */
export function definitionRuleProblems({ clusters = [] }: Draft): Problem[] {
  return clusters.flatMap((cluster, clusterIndex) =>
    (cluster?.jobDefinitions ?? []).flatMap((definition, index, all): Problem[] => {
      if (definition === undefined) return [];
      const { name } = definition;
      const first = all.findIndex((other) => other?.name === name);
      const path = ["clusters", clusterIndex, "jobDefinitions"];
      return [
        ...contentProblems(definition).map(([key, message]) => ({ path: [...path, index, key], message })),
        ...(name === undefined || first === index ? [] : [definitionNameTaken(path, index, first, name)]),
      ];
    }),
  );
}

const definitionNameTaken = (path: Problem["path"], index: number, first: number, name: string): Problem => ({
  path: [...path, index, "name"],
  message: `got ${renderValue(name)}; allowed: a name that no other job definition of the cluster has (jobDefinitions[${first}] has this one)`,
});

/** A definition runs a file with its arguments, or a command. A value that the schema refused counts as given. */
function contentProblems(definition: DraftDefinition): [key: string, message: string][] {
  const has = (key: string): boolean => key in definition;
  if (has("file") && has("command")) {
    return [["command", "allowed: only without file; a job definition runs one of the two"]];
  }
  if (has("file") && has("source")) {
    return [["file", "allowed: only without source; put the file into the source, and name it in command"]];
  }
  if (has("file")) return [];
  if (!has("command")) return [["file", "is missing; needed: a Python file, or command"]];
  if (!has("arguments")) return [];
  return [["arguments", "allowed: only with file; put the arguments into command"]];
}
