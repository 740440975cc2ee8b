import { parseDuration, renderDuration } from "../../../agent/contract/duration.js";
import type { JobContent } from "../../../agent/contract/job-definition.js";
import type { RunPolicy } from "../../../agent/contract/job-request.js";
import type { JobDefinitionItem, JobItem, JobRequest } from "../../../agent/contract/registry.js";
import type { Computed, State } from "../../core/types.js";
import type { JobName } from "./diagnosis.js";
import { DEFAULT_DELETE_TIMEOUT, FOLLOW_SLACK_MS, type jobSchema } from "./schema.js";

export type JobState = State<typeof jobSchema>;
type Told = Computed<typeof jobSchema>;
type RunFacts = Omit<Told, "id" | "owner" | "revision">;

export const jobResourceId = (clusterUuid: string, name: string): string => `${clusterUuid}/${name}`;

export const jobNameOf = ({ cluster_uuid, name }: JobState): JobName => ({ clusterUuid: cluster_uuid, name });

/** Whether apply waits for the end of what it runs. What is run by hand is not apply's. */
export const isFollowed = ({ run, wait }: JobState): boolean => wait && run === "on_change";

/** What a configuration asks to run, and when. */
export interface Wanted extends JobContent {
  readonly run: RunPolicy;
}

/** The definition that a plan asks for. Validation has seen it. */
export function wantedBy(plan: JobState): Wanted {
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

/** What Terraform learns of a run; all null where there is none. */
function runFacts(run: JobItem | null): RunFacts {
  return {
    job_id: run?.id ?? null,
    submitted_at: run?.submittedAt ?? null,
    status: run?.status ?? null,
    phase: run?.phase ?? null,
    reason: run?.reason ?? null,
    exit_code: run?.exitCode ?? null,
    log_uri: run?.log?.uri ?? null,
    started_at: run?.startedAt ?? null,
    ended_at: run?.endedAt ?? null,
  };
}

/** What a state says of a run. */
export function lastKnownRun(state: JobState): RunFacts {
  const { job_id, submitted_at, status, phase, reason, exit_code, log_uri, started_at, ended_at } = state;
  return { job_id, submitted_at, status, phase, reason, exit_code, log_uri, started_at, ended_at };
}

/** What Terraform learns of a definition and the run of its revision. */
export function computedFrom(
  { clusterUuid, name, owner, revision }: JobDefinitionItem,
  run: JobItem | null,
): Told {
  return { id: jobResourceId(clusterUuid, name), owner: owner ?? null, revision, ...runFacts(run) };
}

/**
 * The whole state, as it is in the registry. What the user left out stays unset where the registry has nothing, and a
 * duration keeps the user's words while it means the same: neither is a difference that somebody made.
 */
export function observedState(
  definition: JobDefinitionItem,
  run: JobItem | null,
  current: JobState,
): Partial<{ [K in keyof JobState]: JobState[K] | null }> {
  const { request, triggers } = definition;
  const timeoutMs = (request.timeoutSeconds ?? 0) * 1000;
  const wordsKept = current.timeout !== null && parseDuration(current.timeout) === timeoutMs;
  // The job's item can be gone alone, by hand: what is known of the run then stays.
  const isRunGone = run === null && definition.revision === current.revision;
  return {
    ...(isRunGone ? { revision: definition.revision } : computedFrom(definition, run)),
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
    // The registry knows nothing of it: after an import it is what it is by default.
    wait: current.wait ?? true,
  };
}

/** The bound on an action's wait, in milliseconds: the user's or the default. */
export function waitMs(state: JobState, action: "create" | "update" | "delete"): number {
  const given = state.timeouts?.[action] ?? (action === "delete" ? DEFAULT_DELETE_TIMEOUT : null);
  return given === null ? jobTimeoutMs(state) + FOLLOW_SLACK_MS : durationMs(given);
}

const jobTimeoutMs = ({ timeout }: JobState): number => durationMs(timeout);

function durationMs(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null) throw new Error(`"${text}" is no duration; validation should have refused it.`);
  return milliseconds;
}

const isEmpty = (values: object | null): values is null =>
  values === null || Object.keys(values).length === 0;
const orUnset = <T extends object>(found: T, current: T | null): T | null =>
  isEmpty(found) && current === null ? null : found;
