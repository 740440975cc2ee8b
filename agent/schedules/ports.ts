import type { ScheduleItem } from "../contract/job-schedule-state.js";
import type { Because, JobReasonCode } from "../contract/reasons.js";
import type { ClusterItem, JobDefinitionItem, JobItem } from "../contract/registry.js";
import type { ScheduleChange } from "../contract/writes/schedule.js";

/** A definition that has a schedule, without what it runs. */
export type ScheduledDefinition = Required<
  Pick<JobDefinitionItem, "id" | "clusterUuid" | "name" | "schedule" | "updatedAt">
>;

/** A job that has not ended: NEW, or INPROGRESS. */
export type PendingJob = Pick<JobItem, "id" | "status">;

/** The jobs that a definition's slot comes to. */
export interface PendingJobs {
  /** The definition's. */
  readonly jobs: readonly PendingJob[];
  /** How many of the cluster's wait; exact up to as many as may. */
  readonly waiting: number;
}

/** The cluster's schedules in the registry. Calls are bounded; they throw if the registry does not answer. */
export interface ScheduleRegistry {
  /**
   * The definitions that have a schedule, which may lag behind by moments; what is no definition is left out. It costs a read of
   * all the cluster's definitions, with what they run.
   */
  definitions(): Promise<readonly ScheduledDefinition[]>;
  /** The definition as it is, or null. */
  definition(name: string): Promise<JobDefinitionItem | null>;
  /** How far each schedule is; what can't be read is left out. */
  schedules(): Promise<readonly ScheduleItem[]>;
  /** The cluster as it is; null: it is gone. */
  cluster(): Promise<ClusterItem | null>;
  /**
   * The definition's jobs that have not ended, whichever way they came, and how many of the cluster's wait. `lastJobId` is looked at as it is now; another one that was
   * submitted just before may be missing.
   */
  pendingJobs(definitionId: string, lastJobId: string | null): Promise<PendingJobs>;
  hasJob(jobId: string): Promise<boolean>;
  /** False, and nothing written, where a newer head has written. */
  begin(schedule: ScheduleItem): Promise<boolean>;
  /** False, and nothing written, where the schedule is not as it was read, or a newer head has written. */
  advance(schedule: ScheduleItem, generation: number, change: ScheduleChange): Promise<boolean>;
  /** Both or none: the new job, and as `advance`. False also where there is a job of that id. */
  submit(job: JobItem, schedule: ScheduleItem, generation: number, change: ScheduleChange): Promise<boolean>;
  /** As begin; one that is gone already is no error. */
  forget(schedule: ScheduleItem, generation: number): Promise<boolean>;
  /** Ends a job that no head has claimed; false where it is no longer NEW. */
  cancelQueued(jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  /** Asks for a running job's end; false where it does not run. May run twice. */
  requestCancel(jobId: string, why: Because<JobReasonCode>): Promise<boolean>;
}

/** What drives the schedules. A tick only says: look now. One that is lost, or late, loses no slot. */
export interface Ticks {
  /** Calls `tick` about once a second, until the function that it gives is called. */
  start(tick: () => void): () => void;
  /** Whether the cron library takes the expression too: an item may be written by hand. */
  accepts(cron: string): boolean;
}
