import type { DefinitionContent } from "../../../agent/contract/job-definition.js";
import type { RunPolicy } from "../../../agent/contract/job-request.js";
import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { DEFAULT_RETRY } from "../../../agent/contract/retry-policy.js";
import type { Computed, State } from "../../core/types.js";
import type { DefinitionName } from "./diagnosis.js";
import { observedRequest, observedSchedule, orUnset, requestBy, scheduleBy, secondsBy } from "./request.js";
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
  readonly schedule?: JobSchedule | undefined;
}

/** The planned definition, already validated. */
export const wantedBy = (plan: DefinitionState): WantedDefinition => ({
  request: requestBy(plan),
  triggers: { ...plan.triggers },
  run: plan.run as RunPolicy,
  schedule: scheduleBy(plan),
});

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

/** The whole state, as it is in the registry: see observedRequest. */
export function observedDefinition(
  definition: JobDefinitionItem,
  job: JobItem | null,
  current: DefinitionState,
): Partial<{ [K in keyof DefinitionState]: DefinitionState[K] | null }> {
  const { request, triggers } = definition;
  // The job's item can be gone alone, by hand: what is known of the job then stays.
  const isJobGone = job === null && definition.revision === current.revision;
  return {
    ...(isJobGone ? { revision: definition.revision } : computedDefinition(definition, job)),
    owner: current.owner,
    cluster_uuid: definition.clusterUuid,
    name: definition.name,
    ...observedRequest(request, current),
    triggers: orUnset(triggers, current.triggers),
    run: definition.run,
    schedule: observedSchedule(definition.schedule, current.schedule),
    // The registry does not have it: after an import, it has its default.
    wait: current.wait ?? true,
    dedicated: current.dedicated,
  };
}

/** The bound on an action's wait, in milliseconds: the user's or the default. */
export function waitMs(state: DefinitionState, action: "create" | "update" | "delete"): number {
  const given = state.timeouts?.[action] ?? (action === "delete" ? DEFAULT_DELETE_TIMEOUT : null);
  return given === null ? attemptsMs(state) + FOLLOW_SLACK_MS : secondsBy(given) * 1000;
}

/** How long all attempts may take, with the pauses between them. */
function attemptsMs({ timeout, job_timeout, retries }: DefinitionState): number {
  const each = secondsBy(timeout);
  const more =
    retries === null ? 0 : retries.count * (each + (secondsBy(retries.delay) ?? DEFAULT_RETRY.delaySeconds));
  const all = each + more;
  return Math.min(all, secondsBy(job_timeout) ?? all) * 1000;
}
