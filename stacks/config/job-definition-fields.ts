import { Type } from "@sinclair/typebox";
import { DEFAULT_SETUP_TIMEOUT_SECONDS, JOB_LIMITS } from "../../agent/contract/job-request.js";
import { JobRetries } from "../../agent/contract/job-retries.js";
import { GitSource, S3Source, SharedSource } from "../../agent/contract/job-source.js";
import { RETRY_CAUSES, RETRY_LIMITS } from "../../agent/contract/retry-policy.js";
import {
  DEFAULT_STARTING_DEADLINE_SECONDS,
  DEFAULT_TIME_ZONE,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  SCHEDULE_LIMITS,
} from "../../agent/contract/schedule-policy.js";
import { SOURCE_LIMITS } from "../../agent/contract/source-policy.js";
import { closed } from "./fields.js";

const MINUTE_SECONDS = 60;

/** Whole minutes, at most `maxSeconds`. */
export const minutes = (maxSeconds: number) => ({
  minimum: 1,
  maximum: Math.floor(maxSeconds / MINUTE_SECONDS),
});

export const Word = Type.String({
  minLength: 1,
  maxLength: JOB_LIMITS.wordCharacters,
  description: `one argument, exactly as the program gets it: 1 to ${JOB_LIMITS.wordCharacters} characters`,
});

/** A list of words, or a text that is split into them: see agent/contract/command-words.ts. */
export const Command = (description: string, examples: (string | string[])[]) =>
  Type.Unsafe<string | string[]>({
    type: ["string", "array"],
    minLength: 1,
    maxLength: JOB_LIMITS.scriptCharacters,
    items: Word,
    minItems: 1,
    maxItems: JOB_LIMITS.words,
    description,
    examples,
  });

/** One of these words; the default is the contract's, so nothing is filled in. */
export const Policy = <T extends string>(words: readonly T[], description: string) =>
  Type.Unsafe<T>(Type.String({ enum: [...words], description }));

export const Count = (description: string) =>
  Type.Integer({ minimum: 1, maximum: JOB_LIMITS.processes, description });

/** A path in the source. */
export const InnerPath = (description: string, examples: string[]) =>
  Type.String({ minLength: 1, maxLength: SOURCE_LIMITS.pathCharacters, description, examples });

/** Without a packed folder: what is sent from a person's machine is not declared, see `muster job run --folder`. */
export const SourceSettings = Type.Object(
  {
    git: Type.Optional(
      Type.Object(GitSource.properties, {
        description: "a repository, or a folder or a file in it",
        examples: [{ url: "https://github.com/mpi4py/mpi4py", reference: "4.1.1" }],
        ...closed,
      }),
    ),
    s3: Type.Optional(
      Type.Object(S3Source.properties, {
        description: "an object, an archive, or everything below a prefix",
        examples: [{ uri: "s3://acme-models/weather.tar.gz" }],
        ...closed,
      }),
    ),
    shared: Type.Optional(
      Type.Object(SharedSource.properties, {
        description: "a folder that is on /shared already; nothing is copied",
        examples: [{ path: "/shared/model" }],
        ...closed,
      }),
    ),
  },
  {
    minProperties: 1,
    maxProperties: 1,
    description: "where the job's files come from, at each of its starts",
    examples: [{ git: { url: "https://github.com/mpi4py/mpi4py", reference: "4.1.1" } }],
    ...closed,
  },
);

export const SetupSettings = Type.Object(
  {
    command: Command("a program's path and its arguments; no shell", [
      "/bin/sh -c 'make -C kernels'",
      ["/bin/sh", "-c", "make -C kernels"],
    ]),
    timeoutMinutes: Type.Optional(
      Type.Integer({
        ...minutes(JOB_LIMITS.timeoutSeconds),
        description: `its time limit in minutes; default ${DEFAULT_SETUP_TIMEOUT_SECONDS / MINUTE_SECONDS}`,
      }),
    ),
  },
  { description: "a command that each node runs once before the first attempt", ...closed },
);

const Cause = Type.String({
  minLength: 1,
  maxLength: 64,
  description: `${RETRY_CAUSES.join(", ")}, or the code of an attempt's reason`,
});

export const RetrySettings = Type.Object(
  {
    ...JobRetries.properties,
    on: Type.Optional(
      Type.Array(Cause, {
        minItems: 1,
        maxItems: RETRY_LIMITS.causes,
        description: "what is tried again; default node-loss",
        examples: [["failure", "node-loss"]],
      }),
    ),
  },
  {
    description: "how often a job that failed is tried again; default: not at all",
    examples: [{ count: 2, delaySeconds: 60, on: ["node-loss"] }],
    ...closed,
  },
);

export const ScheduleSettings = Type.Object(
  {
    at: Type.Optional(
      Type.String({
        maxLength: 40,
        description: "one moment, in UTC; either this or cron",
        examples: ["2027-01-31T06:00:00Z"],
      }),
    ),
    cron: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: SCHEDULE_LIMITS.cronCharacters,
        description: "five fields: minute, hour, day of month, month, day of week",
        examples: ["30 6 * * 1-5"],
      }),
    ),
    timeZone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: `with cron: the time zone's IANA name; default ${DEFAULT_TIME_ZONE}`,
        examples: ["Europe/Berlin"],
      }),
    ),
    startingDeadlineMinutes: Type.Optional(
      Type.Integer({
        ...minutes(SCHEDULE_LIMITS.startingDeadlineSeconds),
        description: `a start that could not be made for longer is missed; default ${DEFAULT_STARTING_DEADLINE_SECONDS / MINUTE_SECONDS}`,
      }),
    ),
    ifRunning: Type.Optional(
      Type.Unsafe<OverlapPolicy>(
        Type.String({
          enum: [...OVERLAP_POLICIES],
          description:
            "with cron: what a start does while an earlier job of the definition has not ended; default skip",
        }),
      ),
    ),
  },
  { description: "when jobs of it start by themselves, beside run", ...closed },
);
