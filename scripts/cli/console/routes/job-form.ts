import { type Static, Type } from "@sinclair/typebox";
import { wordsOf } from "../../../../agent/contract/command-words.js";
import { scriptRequest } from "../../../../agent/contract/job.js";
import { jobBytesProblem } from "../../../../agent/contract/job-command.js";
import { requestProblems } from "../../../../agent/contract/job-problems.js";
import { JOB_LIMITS } from "../../../../agent/contract/job-request.js";
import { JobRequest } from "../../../../agent/contract/job-request-schema.js";
import { unusable } from "../../core/exit.js";
import type { Runnable } from "../../jobs/submit.js";

const { command: _command, script: _script, ...fields } = JobRequest.properties;

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
    fields: Type.Optional(Type.Object(fields, { additionalProperties: false })),
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
  const request = { ...what, ...fields } as JobRequest;
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
