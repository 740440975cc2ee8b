import { parseDuration, renderDuration } from "../../../agent/contract/duration.js";
import type { DefinitionContent } from "../../../agent/contract/job-definition.js";
import type { RunPolicy } from "../../../agent/contract/job-request.js";
import type { JobDefinitionItem, JobItem, JobRequest } from "../../../agent/contract/registry.js";
import type { Computed, State } from "../../core/types.js";
import type { DefinitionName } from "./diagnosis.js";
import { DEFAULT_DELETE_TIMEOUT, FOLLOW_SLACK_MS, type jobDefinitionSchema } from "./schema.js";

export type DefinitionState = State<typeof jobDefinitionSchema>;
/** What Terraform learns of a definition and the job of its revision. */
export type ComputedDefinition = Computed<typeof jobDefinitionSchema>;
type ComputedJob = Omit<ComputedDefinition, "id" | "owner" | "revision">;

export const definitionResourceId = (clusterUuid: string, name: string): string => `${clusterUuid}/${name}`;

export const definitionNameOf = ({ cluster_uuid, name }: DefinitionState): DefinitionName => ({
  clusterUuid: cluster_uuid,
  name,
});

/** Whether apply waits for the end of the job that it runs. Apply does not wait for jobs that are run by hand. */
export const isFollowed = ({ run, wait }: DefinitionState): boolean => wait && run === "on_change";

/** What a configuration asks to run, and when. */
export interface WantedDefinition extends DefinitionContent {
  readonly run: RunPolicy;
}

/** The planned definition, already validated. */
export function wantedBy(plan: DefinitionState): WantedDefinition {
  const { command, script, environment, processes, triggers } = plan;
  const request: JobRequest = {
    command: [...command],
    ...(script === null ? {} : { script: { name: script.name, content: script.content } }),
    ...(isEmpty(environment) ? {} : { environment: { ...environment } }),
    ...(processes === null ? {} : { processes }),
    timeoutSeconds: jobTimeoutMs(plan) / 1000,
  };
  return { request, triggers: { ...triggers }, run: plan.run as RunPolicy };
}

/** What Terraform learns of a job; all null where there is none. */
function computedJob(job: JobItem | null): ComputedJob {
  return {
    job_id: job?.id ?? null,
    job_submitted_at: job?.submittedAt ?? null,
    job_status: job?.status ?? null,
    job_phase: job?.phase ?? null,
    job_reason_code: job?.reasonCode ?? null,
    job_reason: job?.reason ?? null,
    job_exit_code: job?.exitCode ?? null,
    job_log_uri: job?.log?.uri ?? null,
    job_started_at: job?.startedAt ?? null,
    job_ended_at: job?.endedAt ?? null,
  };
}

/** What a state says of the job. */
export function lastKnownJob(state: DefinitionState): ComputedJob {
  const { job_id, job_submitted_at, job_status, job_phase, job_reason_code, job_reason } = state;
  const { job_exit_code, job_log_uri, job_started_at, job_ended_at } = state;
  return {
    ...{ job_id, job_submitted_at, job_status, job_phase, job_reason_code, job_reason },
    ...{ job_exit_code, job_log_uri, job_started_at, job_ended_at },
  };
}

/** What Terraform learns of `definition` and of `job`, its revision's. */
export function computedDefinition(
  { clusterUuid, name, owner, revision }: JobDefinitionItem,
  job: JobItem | null,
): ComputedDefinition {
  return { id: definitionResourceId(clusterUuid, name), owner: owner ?? null, revision, ...computedJob(job) };
}

/**
 * The whole state, as it is in the registry. What the user left out stays unset where the registry has nothing, and a
 * duration keeps the user's words while it means the same: neither is a difference that somebody made.
 */
export function observedDefinition(
  definition: JobDefinitionItem,
  job: JobItem | null,
  current: DefinitionState,
): Partial<{ [K in keyof DefinitionState]: DefinitionState[K] | null }> {
  const { request, triggers } = definition;
  const timeoutMs = (request.timeoutSeconds ?? 0) * 1000;
  const wordsKept = current.timeout !== null && parseDuration(current.timeout) === timeoutMs;
  // The job's item can be gone alone, by hand: what is known of the job then stays.
  const isJobGone = job === null && definition.revision === current.revision;
  return {
    ...(isJobGone ? { revision: definition.revision } : computedDefinition(definition, job)),
    owner: current.owner,
    cluster_uuid: definition.clusterUuid,
    name: definition.name,
    command: request.command,
    script: request.script ?? null,
    environment: orUnset(request.environment ?? {}, current.environment),
    processes: request.processes ?? null,
    timeout: wordsKept ? current.timeout : renderDuration(timeoutMs),
    triggers: orUnset(triggers, current.triggers),
    run: definition.run,
    // The registry does not have it: after an import, it has its default.
    wait: current.wait ?? true,
  };
}

/** The bound on an action's wait, in milliseconds: the user's or the default. */
export function waitMs(state: DefinitionState, action: "create" | "update" | "delete"): number {
  const given = state.timeouts?.[action] ?? (action === "delete" ? DEFAULT_DELETE_TIMEOUT : null);
  return given === null ? jobTimeoutMs(state) + FOLLOW_SLACK_MS : durationMs(given);
}

const jobTimeoutMs = ({ timeout }: DefinitionState): number => durationMs(timeout);

function durationMs(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null) throw new Error(`"${text}" is no duration; validation should have refused it.`);
  return milliseconds;
}

const isEmpty = (values: object | null): values is null =>
  values === null || Object.keys(values).length === 0;
const orUnset = <T extends object>(found: T, current: T | null): T | null =>
  isEmpty(found) && current === null ? null : found;
