import type { AttemptItem } from "../contract/job-attempt.js";
import type { QueuedJob } from "../contract/job-problems.js";
import type { JobItem, JobLog } from "../contract/registry.js";
import type { JobChange, LogChange } from "../contract/writes/job.js";
import type { CgroupUsage } from "../launcher/launches.js";
import type { Hostfile, LaunchPlan } from "./launch-plan.js";
import type { RankFacts } from "./rank-board.js";

/** An item in the place of a job that is not a job: written by hand, or by another version. */
export interface UnreadableJob {
  /** Its sort key in the table. */
  readonly key: string;
  /** What is wrong with it, on one line. */
  readonly problem: string;
}
export type QueueEntry = QueuedJob | UnreadableJob;
export const isUnreadable = (entry: object): entry is UnreadableJob => "problem" in entry;

/** The cluster's jobs in the registry. Calls are bounded; they throw if the registry does not answer. */
export interface JobRegistry {
  /**
   * The jobs that have not ended, oldest first, 1,000 of them at most; of each only what chooses the next. May lag behind by
   * moments.
   */
  queue(): Promise<QueueEntry[]>;
  /** The job as it is, or null. */
  read(jobId: string): Promise<JobItem | null>;
  /**
   * Takes a NEW job, or one in progress of the same or an older generation, and stamps it with `generation`. Null: not to be
   * had (ended, gone, or a newer head's). Two claims at once: one wins, unless both are of one generation, that is of one head.
   */
  claim(jobId: string, generation: number): Promise<JobItem | UnreadableJob | null>;
  /**
   * Ends what can't be read as FAILED and takes it out of the queue; false: it is not there any more, or a newer head's, or its
   * key is no job's. May run twice.
   */
  setAside(
    key: string,
    generation: number,
    end: Pick<JobItem, "reasonCode" | "reason" | "endedAt">,
  ): Promise<boolean>;
  /** Writes if the job is in progress under exactly `generation`; false: it is not ours any more. May run twice. */
  update(jobId: string, generation: number, change: JobChange): Promise<boolean>;
  /**
   * Writes the whole record of an attempt. Gives the record that is there where that has ended already: it stays. Null: it has not; it is
   * written, unless a newer head's is there, which stays too. May run twice.
   */
  recordAttempt(attempt: AttemptItem): Promise<AttemptItem | null>;
  /**
   * Writes, also of a job that has ended, if its log is pending; of its attempt's record first. False: the log is not pending, or
   * the job is gone. May run twice.
   */
  noteLog(job: Pick<JobItem, "id" | "attempt">, change: LogChange): Promise<boolean>;
}

/** The jobs' working folders on /shared. Nothing in them is trusted. All calls may run twice. */
export interface JobWorkspace {
  /** Makes a new folder, owned by the job user, with the script in it. */
  prepare(folder: string, script?: { readonly name: string; readonly content: string }): Promise<void>;
  remove(folder: string): Promise<void>;
}

/** mpiexec's output and exit code, where every head can read them, but no job. All calls may run twice. */
export interface JobRecords {
  /** mpiexec's exit code; null while there is none. */
  exitCode(jobId: string): Promise<number | null>;
  /** The end of the output, or null if there is none; `isWhole`: it is all of it. */
  outputEnd(
    jobId: string,
    bytes: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean } | null>;
  remove(jobId: string): Promise<void>;
  /** The jobs that have records. */
  ids(): Promise<readonly string[]>;
}

/** `isOutOfMemory`: the kernel has ended one of them because memory ran out. */
export interface ProgramUsage extends CgroupUsage {
  readonly isOutOfMemory: boolean;
}

/** The processes of jobs on the node where mpiexec was started. */
export interface JobHost {
  /** "unknown": that node has not started them since it booted, or it is gone. */
  observe(jobId: string): Promise<"running" | "ended" | "unknown">;
  /** The hostfile that the job was started with there, or null. */
  hostfile(jobId: string): Promise<string | null>;
  /** What the processes of the job's own group have used there: all of a job without MPI, and of others mpiexec alone. Null: it is gone. */
  usage(jobId: string): Promise<ProgramUsage | null>;
  /** SIGTERM to mpiexec's process group, SIGKILL to everything in the job's cgroup. Does nothing if there is none. */
  signal(jobId: string, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Forgets an ended job. */
  forget(jobId: string): Promise<void>;
}

/** The processes of jobs on this node. They do not end with the agent: a restarted agent finds them again. */
export interface JobProcesses extends JobHost {
  /** Starts the plan, with new records, or does nothing if the job already runs here. `onExit` is only a wake-up. */
  start(jobId: string, plan: LaunchPlan, onExit: () => void): Promise<void>;
  /** The jobs that this node has started since it booted, and not forgotten. */
  ids(): Promise<readonly string[]>;
}

/** Puts an attempt's log where people find it. */
export interface LogDelivery {
  /**
   * Uploads the job's output and then its manifest: one try, bounded, which `signal` cuts short; may run twice. Null: there is
   * no output. Throws when it could not be delivered, LogRefusedError where trying again is of little use.
   */
  deliver(
    log: { readonly jobId: string; readonly attempt: number; readonly exitCode: number | null },
    signal: AbortSignal,
  ): Promise<JobLog | null>;
}

/** What the nodes have reported about the ranks of a job that runs here. */
export interface RankView {
  factsOf(jobId: string): RankFacts;
  forget(jobId: string): void;
}

/** What the runner needs from the rest of the agent. */
export interface HeadView {
  /** The held lease's generation; null while this node is not head. */
  generation(): number | null;
  /** The hostfile as written; null while no job may start (none written yet, or the fleet is being resized). */
  hostfileNow(): Hostfile | null;
  /**
   * The addresses of the nodes that a running job has not lost: those that are heard, and fail no probe but the registry's.
   * Null: not known now.
   */
  inTouch(): ReadonlySet<string> | null;
  /** The instance that has the address, or had it until it was lost; null: not known now. */
  instanceAt(address: string): string | null;
  /** Keeps these nodes from jobs, the next one's hostfile included, until a look finds them in order. */
  setAside(addresses: readonly string[]): void;
}
