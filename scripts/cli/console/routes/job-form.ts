import { type Static, Type } from "@sinclair/typebox";
import { wordsOf } from "../../../../agent/contract/command-words.js";
import { scriptRequest } from "../../../../agent/contract/job.js";
import { jobBytesProblem } from "../../../../agent/contract/job-command.js";
import { requestProblems } from "../../../../agent/contract/job-problems.js";
import { JOB_LIMITS } from "../../../../agent/contract/job-request.js";
import type { JobRequest } from "../../../../agent/contract/registry.js";
import { unusable } from "../../core/exit.js";
import type { Runnable } from "../../jobs/submit.js";

/** What the page's form sends: a definition's name; or a command, or a script with its arguments, and the rest of a request. */
export const JobForm = Type.Object(
  {
    /** The same key submits once, however often the button is pressed. */
    key: Type.String({ minLength: 8, maxLength: JOB_LIMITS.idempotencyKeyCharacters }),
    definition: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    command: Type.Optional(Type.String({ maxLength: 100_000 })),
    script: Type.Optional(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 200 }),
          content: Type.String({ maxLength: JOB_LIMITS.scriptCharacters }),
          arguments: Type.String({ maxLength: 100_000 }),
        },
        { additionalProperties: false },
      ),
    ),
    /** The rest of a JobRequest: the rules of the contract check it, which say each problem in words. */
    fields: Type.Optional(
      Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: 50 }),
    ),
  },
  { additionalProperties: false },
);
export type JobForm = Static<typeof JobForm>;

/** What to run. Throws a CommandError with every problem. Pure. */
export function runnableOf({ definition, command, script, fields = {} }: JobForm): Runnable {
  const given = [definition, command, script].filter((what) => what !== undefined);
  if (given.length !== 1) throw unusable(["Give one of: a job definition, a command, a Python file."]);
  if (definition !== undefined) return { definition };
  const what =
    script === undefined
      ? { command: words("the command", command ?? "") }
      : scriptRequest(
          script.name,
          script.content,
          script.arguments.trim() === "" ? [] : words("the arguments", script.arguments),
        );
  const request = { ...fields, ...what } as JobRequest;
  const tooLarge = jobBytesProblem({ ...request });
  const problems = [...requestProblems(request), ...(tooLarge === null ? [] : [`the job ${tooLarge}`])];
  if (problems.length > 0) throw unusable(problems);
  return { request };
}

function words(what: string, text: string): string[] {
  const split = wordsOf(text);
  if ("words" in split) return split.words;
  throw unusable([`${what}: ${JSON.stringify(text)} ${split.problem}`]);
}
