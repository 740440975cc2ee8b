import { type Static, Type } from "@sinclair/typebox";
import {
  BAD_NODE_POLICIES,
  BUSY_POLICIES,
  DEFAULT_JOB_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RANK_FAILURE_POLICIES,
  RUN_POLICIES,
  RUNTIMES,
  type RunPolicy,
} from "../../agent/contract/job-request.js";
import { JobEnvironment } from "../../agent/contract/registry.js";
import { closed, Name } from "./fields.js";
import {
  Command,
  Count,
  InnerPath,
  minutes,
  Policy,
  RetrySettings,
  ScheduleSettings,
  SetupSettings,
  SourceSettings,
  Word,
} from "./job-definition-fields.js";

const MINUTE_SECONDS = 60;

/** One word less than a job may have, because the file is the first. */
const Arguments = Type.Array(Word, {
  minItems: 1,
  maxItems: JOB_LIMITS.words - 1,
  description: "the file's arguments",
  examples: [["--steps", "100"]],
});

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
    arguments: Type.Optional(Arguments),
    command: Type.Optional(
      Command(
        "instead of file: the arguments of python, to run what is in the source, on /shared or in the image",
        ["/shared/model/run.py 100", ["-m", "mypackage"]],
      ),
    ),
    mpi: Type.Optional(
      Type.Boolean({
        description: "false: python runs once, on the head node, without mpiexec; default true",
      }),
    ),
    source: Type.Optional(SourceSettings),
    workingFolder: Type.Optional(
      InnerPath("a folder in the source, where the command starts; default: its top", ["examples"]),
    ),
    requirements: Type.Optional(
      InnerPath(
        "a requirements.txt or pyproject.toml in the source, which is installed before the first attempt",
        ["requirements.txt"],
      ),
    ),
    setup: Type.Optional(SetupSettings),
    environment: Type.Unsafe<Static<typeof JobEnvironment>>({
      ...JobEnvironment,
      default: {},
      description:
        "environment variables of every process: names of letters, digits and underscores, no digit first; stored in plain text, so no secrets",
      ...closed,
    }),
    processes: Type.Optional(Count("MPI processes; default: every core")),
    processesPerNode: Type.Optional(Count("MPI processes on each node; default: its cores")),
    runtime: Type.Optional(
      Policy(RUNTIMES, "the MPI library: mpich, or intel, which EFA wants; default: the cluster's"),
    ),
    onRankFailure: Type.Optional(
      Policy(RANK_FAILURE_POLICIES, "what follows a rank that fails while others run; default abort"),
    ),
    onBadNode: Type.Optional(
      Policy(BAD_NODE_POLICIES, "what follows a node that fails the preflight; default fail"),
    ),
    ifBusy: Type.Optional(
      Policy(BUSY_POLICIES, "what follows where the cluster has another job; default queue"),
    ),
    retries: Type.Optional(RetrySettings),
    timeoutMinutes: Type.Integer({
      ...minutes(JOB_LIMITS.timeoutSeconds),
      default: DEFAULT_JOB_TIMEOUT_SECONDS / MINUTE_SECONDS,
      description: "the time limit of each attempt in minutes; it fails when it runs longer",
    }),
    jobTimeoutMinutes: Type.Optional(
      Type.Integer({
        ...minutes(JOB_LIMITS.timeoutSeconds),
        description: "the time limit in minutes of all attempts, with the pauses between them; default: none",
      }),
    ),
    schedule: Type.Optional(ScheduleSettings),
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
