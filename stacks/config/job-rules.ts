import { environmentProblem, variableProblem, wordProblem } from "../../agent/contract/job-request.js";
import type { Draft } from "./draft.js";
import { type Path, type Problem, renderValue } from "./problem.js";

type DraftJob = NonNullable<NonNullable<NonNullable<NonNullable<Draft["clusters"]>[number]>["jobs"]>[number]>;

/** How the values of a cluster's jobs must fit each other. Pure. */
export function jobRuleProblems({ clusters = [] }: Draft): Problem[] {
  return clusters.flatMap((cluster, clusterIndex) =>
    (cluster?.jobs ?? []).flatMap((job, index, jobs): Problem[] => {
      if (job === undefined) return [];
      const first = jobs.findIndex((other) => other?.name === job.name);
      const path = ["clusters", clusterIndex, "jobs"];
      return [
        ...contentProblems(job).map(([key, message]) => ({ path: [...path, index, key], message })),
        ...passingProblems(job).map(({ path: at, message }) => ({ path: [...path, index, ...at], message })),
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

/** What a process can't be given, by the rules that every way to a job has. */
function passingProblems(job: DraftJob): Problem[] {
  const words = (["arguments", "command"] as const).flatMap((key) =>
    (job[key] ?? []).flatMap((word, index) => (word === undefined ? [] : refused([key, index], word))),
  );
  const environment = job.environment ?? {};
  const whole = environmentProblem(environment);
  if (whole !== null) return [...words, { path: ["environment"], message: whole }];
  const variables = Object.entries(environment).flatMap(([name, value]): Problem[] => {
    const problem = value === undefined ? null : variableProblem(name, value);
    return problem === null ? [] : [{ path: ["environment", name], message: problem }];
  });
  return [...words, ...variables];
}

function refused(path: Path, word: string): Problem[] {
  const problem = wordProblem(word);
  return problem === null ? [] : [{ path, message: `got ${renderValue(word)}; it ${problem}` }];
}
