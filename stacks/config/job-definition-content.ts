import { firstWordProblem, jobBytesProblem } from "../../agent/contract/job-command.js";
import { environmentProblem, variableProblem, wordProblem } from "../../agent/contract/job-request.js";
import type { Draft } from "./draft.js";
import type { JobSettings } from "./job-definition.js";
import { declareJob, type JobFiles } from "./job-definition-files.js";
import type { DraftJob } from "./job-definition-rules.js";
import { type Path, type Problem, renderValue } from "./problem.js";

/** The contract's rules for what each job runs, whose files are `files`: the same as Terraform and the agents have. Pure. */
export function jobContentProblems({ clusters = [] }: Draft, files: JobFiles): Problem[] {
  return clusters.flatMap((cluster, clusterIndex) =>
    (cluster?.jobs ?? []).flatMap((job, index): Problem[] => {
      if (job === undefined) return [];
      const at = ["clusters", clusterIndex, "jobs", index];
      const problems = [...wordProblems(job), ...variableProblems(job)];
      const found = problems.length > 0 ? problems : sizeProblems(job, files);
      return found.map(({ path, message }) => ({ path: [...at, ...path], message }));
    }),
  );
}

function wordProblems({ command, arguments: args }: DraftJob): Problem[] {
  const each = (key: string, words: readonly (string | undefined)[] = []): Problem[] =>
    words.flatMap((word, index) => refusal([key, index], word, wordProblem(word ?? "")));
  const known = (command ?? []).filter((word) => word !== undefined);
  const first = known.length === command?.length ? firstWordProblem(known) : null;
  return [
    ...refusal(["command", 0], command?.[0], first),
    ...each("command", command),
    ...each("arguments", args),
  ];
}

/** Values are left out of what is said: people put into variables what they should not. */
function variableProblems({ environment = {} }: DraftJob): Problem[] {
  const whole = environmentProblem(environment);
  if (whole !== null) return [{ path: ["environment"], message: `it ${whole}` }];
  return Object.entries(environment).flatMap(([name, value]) => {
    const problem = variableProblem(name, value ?? "");
    return problem === null ? [] : [{ path: ["environment", name], message: `it ${problem}` }];
  });
}

/** Of a job that is well so far. */
function sizeProblems(job: DraftJob, files: JobFiles): Problem[] {
  const { command, script, environment } = declareJob(job as JobSettings, files);
  const problem = jobBytesProblem({ command, script, environment });
  return problem === null ? [] : [{ path: [], message: `it ${problem}` }];
}

const refusal = (path: Path, value: unknown, problem: string | null): Problem[] =>
  problem === null ? [] : [{ path, message: `got ${renderValue(value)}; it ${problem}` }];
