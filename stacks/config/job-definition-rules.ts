import type { Draft } from "./draft.js";
import { type Problem, renderValue } from "./problem.js";

/** A job of the file, without what the schema refused. */
export type DraftJob = NonNullable<
  NonNullable<NonNullable<NonNullable<Draft["clusters"]>[number]>["jobs"]>[number]
>;

/** How the values of a cluster's jobs must fit each other. Pure. */
export function jobRuleProblems({ clusters = [] }: Draft): Problem[] {
  return clusters.flatMap((cluster, clusterIndex) =>
    (cluster?.jobs ?? []).flatMap((job, index, jobs): Problem[] => {
      if (job === undefined) return [];
      const first = jobs.findIndex((other) => other?.name === job.name);
      const path = ["clusters", clusterIndex, "jobs"];
      return [
        ...contentProblems(job).map(([key, message]) => ({ path: [...path, index, key], message })),
        ...(job.name === undefined || first === index ? [] : [nameTaken(path, index, first, job.name)]),
      ];
    }),
  );
}

const nameTaken = (path: Problem["path"], index: number, first: number, name: string): Problem => ({
  path: [...path, index, "name"],
  message: `got ${renderValue(name)}; allowed: a name of its own on its cluster (jobs[${first}] has this one)`,
});

/** What a job runs is a file with its arguments, or a command. A value that the schema refused counts as given. */
function contentProblems(job: DraftJob): [key: string, message: string][] {
  const has = (key: string): boolean => key in job;
  if (has("file") && has("command")) {
    return [["command", "allowed: only where file is not given: a job runs one of the two"]];
  }
  if (has("file")) return [];
  if (!has("command")) return [["file", "is missing; needed: a Python file, or command instead"]];
  if (!has("arguments")) return [];
  return [["arguments", "allowed: only with file; what follows command's first word belongs to command"]];
}
