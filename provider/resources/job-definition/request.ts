import { parseDuration, renderDuration } from "../../../agent/contract/duration.js";
import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import type { GitSource, JobSource } from "../../../agent/contract/job-source.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import type { DefinitionState } from "./state.js";

/** The part of a state that says what is asked for, in the contract's words; each may be unset right after an import. */
type Asked<Keys extends keyof DefinitionState> = { readonly [K in Keys]: DefinitionState[K] | null };
type RequestKeys =
  | "command"
  | "mpi"
  | "script"
  | "source"
  | "working_folder"
  | "requirements"
  | "setup"
  | "environment"
  | "processes"
  | "processes_per_node"
  | "runtime"
  | "on_rank_failure"
  | "on_bad_node"
  | "if_busy"
  | "retries"
  | "timeout"
  | "job_timeout";

/** The request that a planned definition asks for; it was validated. */
export function requestBy(plan: DefinitionState): JobRequest {
  const { setup, retries, environment } = plan;
  return given<JobRequest>({
    command: [...plan.command],
    mpi: plan.mpi,
    script: plan.script && { name: plan.script.name, content: plan.script.content },
    source: plan.source && sourceBy(plan.source),
    workingFolder: plan.working_folder,
    requirements: plan.requirements,
    setup:
      setup &&
      given<NonNullable<JobRequest["setup"]>>({
        command: [...setup.command],
        timeoutSeconds: secondsBy(setup.timeout),
      }),
    environment: isEmpty(environment) ? null : { ...environment },
    processes: plan.processes,
    processesPerNode: plan.processes_per_node,
    runtime: plan.runtime as NonNullable<JobRequest["runtime"]> | null,
    onRankFailure: plan.on_rank_failure as NonNullable<JobRequest["onRankFailure"]> | null,
    onBadNode: plan.on_bad_node as NonNullable<JobRequest["onBadNode"]> | null,
    ifBusy: plan.if_busy as NonNullable<JobRequest["ifBusy"]> | null,
    retries:
      retries &&
      given<NonNullable<JobRequest["retries"]>>({
        count: retries.count,
        delaySeconds: secondsBy(retries.delay),
        on: retries.on && [...retries.on],
      }),
    timeoutSeconds: secondsBy(plan.timeout),
    jobTimeoutSeconds: secondsBy(plan.job_timeout),
  });
}

const sourceBy = ({ git, s3, shared, bundle }: NonNullable<DefinitionState["source"]>): JobSource =>
  given<JobSource>({
    git: git && given<GitSource>({ url: git.url, reference: git.reference, credentials: git.credentials }),
    s3: s3 && { uri: s3.uri },
    shared: shared && { path: shared.path },
    bundle: bundle && { sha256: bundle.sha256, bytes: bundle.bytes },
  });

/** The schedule that a planned definition asks for; undefined: none. */
export function scheduleBy({ schedule }: Pick<DefinitionState, "schedule">): JobSchedule | undefined {
  if (schedule === null) return undefined;
  return given<JobSchedule>({
    at: schedule.at,
    cron: schedule.cron,
    timeZone: schedule.time_zone,
    startingDeadlineSeconds: secondsBy(schedule.starting_deadline),
    ifRunning: schedule.if_running as NonNullable<JobSchedule["ifRunning"]> | null,
  });
}

/** Whether two schedules are the same. All their values are plain. */
export function isSameSchedule(a: JobSchedule | undefined, b: JobSchedule | undefined): boolean {
  const keys = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]) as ReadonlySet<keyof JobSchedule>;
  return (a === undefined) === (b === undefined) && [...keys].every((key) => a?.[key] === b?.[key]);
}

/**
 * The state of a request that is in the registry. What the user left out stays unset where the registry has nothing, and a duration
 * keeps the user's words while it means the same: neither is a difference that anyone has made.
 */
export function observedRequest(request: JobRequest, current: Asked<RequestKeys>): Asked<RequestKeys> {
  const { source, setup, retries } = request;
  return {
    command: request.command,
    mpi: request.mpi ?? null,
    script: request.script ?? null,
    source: source === undefined ? null : observedSource(source),
    working_folder: request.workingFolder ?? null,
    requirements: request.requirements ?? null,
    setup:
      setup === undefined
        ? null
        : {
            command: setup.command,
            timeout: durationOf(setup.timeoutSeconds, current.setup?.timeout),
          },
    environment: orUnset(request.environment ?? {}, current.environment),
    processes: request.processes ?? null,
    processes_per_node: request.processesPerNode ?? null,
    runtime: request.runtime ?? null,
    on_rank_failure: request.onRankFailure ?? null,
    on_bad_node: request.onBadNode ?? null,
    if_busy: request.ifBusy ?? null,
    retries:
      retries === undefined
        ? null
        : {
            count: retries.count,
            delay: durationOf(retries.delaySeconds, current.retries?.delay),
            on: retries.on ?? null,
          },
    timeout: durationOf(request.timeoutSeconds ?? 0, current.timeout),
    job_timeout: durationOf(request.jobTimeoutSeconds, current.job_timeout),
  };
}

const observedSource = ({ git, s3, shared, bundle }: JobSource): DefinitionState["source"] => ({
  git:
    git === undefined
      ? null
      : {
          url: git.url,
          reference: git.reference ?? null,
          credentials: git.credentials ?? null,
        },
  s3: s3 ?? null,
  shared: shared ?? null,
  bundle: bundle ?? null,
});

/** The state of a schedule that is in the registry. */
export function observedSchedule(
  schedule: JobSchedule | undefined,
  current: DefinitionState["schedule"],
): DefinitionState["schedule"] {
  if (schedule === undefined) return null;
  return {
    at: schedule.at ?? null,
    cron: schedule.cron ?? null,
    time_zone: schedule.timeZone ?? null,
    starting_deadline: durationOf(schedule.startingDeadlineSeconds, current?.starting_deadline),
    if_running: schedule.ifRunning ?? null,
  };
}

/** `found`, or null where it is empty and nothing was given. */
export const orUnset = <T extends object>(found: T, current: T | null): T | null =>
  isEmpty(found) && current === null ? null : found;

/** A validated duration; "0s" is one where the schema allows it. */
export function secondsBy<T extends string | null>(text: T): T extends null ? number | null : number;
export function secondsBy(text: string | null): number | null {
  if (text === null) return null;
  const milliseconds = text === "0s" ? 0 : parseDuration(text);
  if (milliseconds === null) throw new Error(`"${text}" is no duration; validation should have refused it.`);
  return milliseconds / 1000;
}

function durationOf(found: number, current: string | null | undefined): string;
function durationOf(found: number | undefined, current: string | null | undefined): string | null;
function durationOf(found: number | undefined, current: string | null | undefined): string | null {
  if (found === undefined) return null;
  const isSame = typeof current === "string" && secondsBy(current) === found;
  return isSame ? current : renderDuration(found * 1000);
}

/** The fields that are given. Its type demands each field that `T` has: none is forgotten. */
const given = <T extends object>(
  fields: {
    readonly [K in keyof T]-?: Exclude<T[K], undefined> | (undefined extends T[K] ? null : never);
  },
): T =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as T;

const isEmpty = (values: object | null): values is null =>
  values === null || Object.keys(values).length === 0;
