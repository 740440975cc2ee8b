import { type Static, Type } from "@sinclair/typebox";
import { enumOf } from "./item-fields.js";
import {
  BAD_NODE_POLICIES,
  type BadNodePolicy,
  BUSY_POLICIES,
  type BusyPolicy,
  DEFAULT_JOB_TIMEOUT_SECONDS,
  DEFAULT_SETUP_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RANK_FAILURE_POLICIES,
  type RankFailurePolicy,
  RUNTIMES,
  type Runtime,
  SCRIPT_NAME_PATTERN,
  VARIABLE_NAME_PATTERN,
} from "./job-request.js";
import { JobRetries } from "./job-retries.js";
import { JobSource } from "./job-source.js";
import { SOURCE_LIMITS } from "./source-policy.js";

/** Environment variables of a job's processes. */
export const JobEnvironment = Type.Record(
  Type.String({ pattern: VARIABLE_NAME_PATTERN }),
  Type.String({ maxLength: JOB_LIMITS.variableCharacters }),
  { maxProperties: JOB_LIMITS.variables, additionalProperties: false },
);

/** Python source inside the job itself; the head writes it to the job's folder before the job starts. */
const InlineScript = Type.Object(
  {
    name: Type.String({ pattern: SCRIPT_NAME_PATTERN, description: "file name, e.g. pi.py" }),
    content: Type.String({ maxLength: JOB_LIMITS.scriptCharacters }),
  },
  { additionalProperties: false },
);

const Words = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: JOB_LIMITS.wordCharacters }), {
    minItems: 1,
    maxItems: JOB_LIMITS.words,
    description,
  });
const InnerPath = (description: string) =>
  Type.String({ minLength: 1, maxLength: SOURCE_LIMITS.pathCharacters, description });
const Count = (description: string) =>
  Type.Integer({ minimum: 1, maximum: JOB_LIMITS.processes, description });
const Seconds = (description: string) =>
  Type.Integer({ minimum: 1, maximum: JOB_LIMITS.timeoutSeconds, description });

/** A command that each node runs once, as the job user, before the first attempt. No shell. */
const JobSetup = Type.Object(
  {
    command: Words("a program's path and its arguments"),
    timeoutSeconds: Type.Optional(Seconds(`default ${DEFAULT_SETUP_TIMEOUT_SECONDS}`)),
  },
  { additionalProperties: false },
);

/** A submitter's request. `mpiexec -n <processes> python <command...>` runs in the job's folder on /shared. */
export const JobRequest = Type.Object(
  {
    command: Words("python's arguments: a script's path and its arguments, or -c / -m ..."),
    mpi: Type.Optional(
      Type.Boolean({ description: "false: python runs once, on the head node, without mpiexec" }),
    ),
    script: Type.Optional(InlineScript),
    source: Type.Optional(JobSource),
    workingFolder: Type.Optional(InnerPath("where the command starts, below the source; default: its top")),
    requirements: Type.Optional(
      InnerPath(
        "in the source: a requirements.txt, or a pyproject.toml, to install before the first attempt",
      ),
    ),
    setup: Type.Optional(JobSetup),
    environment: Type.Optional(JobEnvironment),
    processes: Type.Optional(Count("default: every core")),
    processesPerNode: Type.Optional(Count("default: the node's cores")),
    runtime: Type.Optional(enumOf<Runtime>(RUNTIMES)),
    onRankFailure: Type.Optional(enumOf<RankFailurePolicy>(RANK_FAILURE_POLICIES)),
    onBadNode: Type.Optional(enumOf<BadNodePolicy>(BAD_NODE_POLICIES)),
    ifBusy: Type.Optional(enumOf<BusyPolicy>(BUSY_POLICIES)),
    retries: Type.Optional(JobRetries),
    timeoutSeconds: Type.Optional(Seconds(`of each attempt; default ${DEFAULT_JOB_TIMEOUT_SECONDS}`)),
    jobTimeoutSeconds: Type.Optional(
      Seconds("of all attempts and the pauses between them, from the first start; default: none"),
    ),
  },
  { additionalProperties: false },
);
export type JobRequest = Static<typeof JobRequest>;
