import { JOB_STATUSES } from "../../../agent/contract/job-state.js";
import { between, isClusterUuid, oneOf } from "../../client/checks.js";
import {
  computed,
  integer,
  list,
  map,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

/** `data "muster_jobs"`: what ran, runs and waits on a cluster. */
export const jobsDataSchema = {
  version: 0,
  description: "A cluster's jobs, the latest submitted first.",
  attributes: {
    cluster_uuid: required(string, { description: "The cluster's UUID.", checks: [isClusterUuid] }),
    status: optional(string, {
      description: "Only jobs with this status. Default: all.",
      checks: [oneOf(JOB_STATUSES)],
    }),
    limit: withDefault(integer, DEFAULT_LIMIT, {
      description: `At most this many, 1 to ${MAX_LIMIT}. Default ${DEFAULT_LIMIT}.`,
      checks: [between(1, MAX_LIMIT)],
    }),
    id: computed(string, { description: "The same as cluster_uuid." }),
    jobs: computed(
      list(
        object({
          id: required(string, { description: "The job's id." }),
          idempotency_key: required(string, { description: "Its idempotency key." }),
          definition: optional(string, {
            description:
              "The name of the job definition that it was submitted from; null where there is none.",
          }),
          revision: optional(integer, {
            description: "That definition's revision; null likewise.",
          }),
          command: required(list(string), { description: "python's arguments." }),
          status: required(string, { description: "NEW, INPROGRESS, FINISHED, FAILED or CANCELLED." }),
          phase: required(string, { description: "More detail than the status." }),
          reason_code: optional(string, { description: "The code of the reason." }),
          reason: optional(string, { description: "Why it FAILED or was CANCELLED." }),
          attempt: optional(integer, {
            description:
              "The number of its current or last attempt, from 1; null until the head takes it. The facts that follow are that attempt's.",
          }),
          processes: optional(integer, { description: "MPI processes; null before its launch." }),
          exit_code: optional(integer, {
            description: "mpiexec's exit code; null if it did not end by itself.",
          }),
          submitted_by: optional(string, {
            description:
              "Who submitted it: an ARN, token:<role> over HTTP, or schedule:<definition>; null where that could not be found.",
          }),
          slot: optional(string, {
            description: "The moment of its definition's schedule that it is for; null where there is none.",
          }),
          source_version: optional(string, {
            description:
              "The commit, the object's version or the packed folder's SHA-256 that runs; null until it is fetched, and without a source.",
          }),
          submitted_at: required(string, { description: "When it was submitted; ISO 8601, UTC." }),
          started_at: optional(string, {
            description: "When its processes were started; null while it waits.",
          }),
          retry_at: optional(string, {
            description: "When its next attempt begins, while it waits for that; else null.",
          }),
          phase_times: required(map(string), {
            description: "When each phase of the attempt began, by the phase's name; ISO 8601, UTC.",
          }),
          ended_at: optional(string, { description: "When it ended; null until then." }),
          log_uri: optional(string, { description: "Where its log is; null until it is delivered." }),
        }),
      ),
      { description: "The jobs, the latest submitted first." },
    ),
  },
} as const satisfies Schema;
