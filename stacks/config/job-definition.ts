import { type Static, Type } from "@sinclair/typebox";
import {
  DEFAULT_JOB_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RUN_POLICIES,
  type RunPolicy,
} from "../../agent/contract/job-request.js";
import { JobEnvironment } from "../../agent/contract/registry.js";
import { closed, Name } from "./fields.js";

const MINUTE_SECONDS = 60;

const Word = Type.String({
  minLength: 1,
  maxLength: JOB_LIMITS.wordCharacters,
  description: `one argument, exactly as Python gets it: 1 to ${JOB_LIMITS.wordCharacters} characters`,
});
/** One word less than a job may have, because the file is the first. */
const Words = (description: string, examples: string[][]) =>
  Type.Array(Word, { minItems: 1, maxItems: JOB_LIMITS.words - 1, description, examples });

/** One entry of a cluster's `jobDefinitions`, with every default filled in. The limits are the registry's. */
export const JobDefinitionSettings = Type.Object(
  {
    name: Name("the definition's name, unique on its cluster", ["nightly-check"]),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description: `a Python file, relative to muster.yaml, of at most ${JOB_LIMITS.scriptCharacters} characters; its text is part of each job`,
        examples: ["jobs/check.py"],
      }),
    ),
    arguments: Type.Optional(Words("the file's arguments", [["--steps", "100"]])),
    command: Type.Optional(
      Words("instead of file: the arguments of python, to run what is on /shared or in the image", [
        ["/shared/model/run.py"],
        ["-m", "mypackage"],
      ]),
    ),
    environment: Type.Unsafe<Static<typeof JobEnvironment>>({
      ...JobEnvironment,
      default: {},
      description:
        "environment variables of every process: names of letters, digits and underscores, no digit first; stored in plain text, so no secrets",
      ...closed,
    }),
    processes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: JOB_LIMITS.processes,
        description: "MPI processes; default: every core",
      }),
    ),
    timeoutMinutes: Type.Integer({
      minimum: 1,
      maximum: JOB_LIMITS.timeoutSeconds / MINUTE_SECONDS,
      default: DEFAULT_JOB_TIMEOUT_SECONDS / MINUTE_SECONDS,
      description: "a job's time limit in minutes; it fails when it runs longer",
    }),
    run: Type.Unsafe<RunPolicy>(
      Type.String({
        enum: [...RUN_POLICIES],
        default: "on_change",
        description:
          "on_change: deploy submits a job of it when it is new or changed; manual: only `muster job run --definition` does",
      }),
    ),
    wait: Type.Boolean({
      default: true,
      description:
        "true: deploy waits for that job, and fails if the job fails; false: deploy only submits it",
    }),
  },
  {
    description: "a job that Terraform stores on the cluster: a Python file or command, with its settings",
    ...closed,
  },
);
export type JobDefinitionSettings = Static<typeof JobDefinitionSettings>;
