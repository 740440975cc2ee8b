import type { AttemptItem } from "../contract/job-attempt.js";
import type { QueuedJob } from "../contract/job-problems.js";
import type { Because, JobReasonCode } from "../contract/reasons.js";
import type { JobItem, JobLog } from "../contract/registry.js";
import type { JobChange, LogChange } from "../contract/writes/job.js";
import type { Leaving } from "../head/ports.js";
import type { CgroupUsage } from "../launcher/launches.js";
import type { Hostfile, LaunchPlan } from "./launch-plan.js";
import type { NodesGivenUp, NodesView } from "./lost-hosts.js";
import type { RankFacts } from "./rank-board.js";

/** An item in the place of a job that is not a job: written by hand, or by another version. */
export interface UnreadableJob {
  /** Its sort key in the table. */
  readonly key: string;
  /** What is wrong with it, on one line. */
  readonly problem: string;
}
/** One attempt of a job: `attempt` is its number, from 1. */
export interface AttemptId {
  readonly jobId: string;
  readonly attempt: number;
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
  /** As claim, of a NEW job alone, with what is planned of its launch. */
  claimPlanned(jobId: string, generation: number, plan: JobChange): Promise<JobItem | UnreadableJob | null>;
  /** Puts a new job, claimed and planned at once; null: there is an item with its id. */
  submitClaimed(job: JobItem, generation: number, plan: JobChange): Promise<JobItem | null>;
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
  /** The record of an attempt; null: there is none that can be read. */
  readAttempt(attempt: AttemptId): Promise<AttemptItem | null>;
  /**
   * Writes what became of an ended attempt's log while it is pending: first of the job, if this is its last attempt, then of the
   * attempt's record, which is what the next head goes by. False: the record's log is not pending, or there is none. May run twice.
   */
  noteLog(attempt: AttemptId, change: LogChange): Promise<boolean>;
}

/** Why a job's environment or set-up failed, with the last lines of what ran. */
export interface PreparationFailure extends Because<JobReasonCode> {
  readonly lines: readonly string[];
  /** The address of the one node that it is due to. */
  readonly host?: string;
}

/** What a job needs beside its files: its Python environment, and its set-up. `signal` ends a call within seconds: it rejects. */
export interface JobEnvironments {
  /**
   * Installs what the job's requirements name, unless the cluster has it. Call it when the job's files are there. Null: it is there,
   * or there is nothing to install. May run twice.
   */
  install(job: JobItem, signal: AbortSignal): Promise<PreparationFailure | null>;
  /** Where nodes have the job's virtual environment, once it is installed; null: it has none. */
  folderOf(job: Pick<JobItem, "id" | "request">): string | null;
  /**
   * Brings the environment to each host's own disk, and runs the job's set-up on those where it has not run for this job. Null: all
   * is ready. May run twice.
   */
  prepare(
    job: JobItem,
    attempt: number,
    hosts: readonly { readonly address: string }[],
    signal: AbortSignal,
  ): Promise<PreparationFailure | null>;
}

/** The jobs' working folders on /shared. Nothing in them is trusted. All calls may run twice. */
export interface JobWorkspace {
  /** Makes a new folder, owned by the job user, with the script in it. `signal` ends it before its time: it rejects then. */
  prepare(
    folder: string,
    script?: { readonly name: string; readonly content: string },
    signal?: AbortSignal,
  ): Promise<void>;
  /** As prepare, but only where nothing is there yet; gives whether it has made the folder. Harmless for a job that never comes. */
  prepareAhead(
    folder: string,
    script?: { readonly name: string; readonly content: string },
  ): Promise<boolean>;
  remove(folder: string): Promise<void>;
}

/** The reason codes of a source that did not come. */
type SourceReasonCode = Extract<JobReasonCode, `source-${string}`>;

/** What a source gave. */
export interface FetchedSource {
  /** Which version it is: a commit, an object's version, a digest. Null: files on /shared have none. */
  readonly version: string | null;
  /** The folder in it that its URL names, relative; "": its top. */
  readonly folder: string;
}

/** Why a source did not come, as the job's reason. It shows no secret. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceReasonCode;

  constructor(code: SourceReasonCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Where jobs' files come from. */
export interface JobSources {
  /**
   * Brings the files of a job's source into `folder`, which is new, as the job user; for files on /shared it only looks at them. `version`:
   * the one that an earlier attempt had, and no other; null: as it is now. Bounded; `signal` cuts it short. Throws SourceError. What it has
   * written then is the caller's to remove.
   */
  fetch(
    job: Pick<JobItem, "clusterUuid" | "request" | "sourceFolder">,
    folder: string,
    options: { readonly version: string | null; readonly signal: AbortSignal },
  ): Promise<FetchedSource>;
}

/** mpiexec's output and exit code, where every head can read them, but no job. All calls may run twice. */
export interface JobRecords {
  /** mpiexec's exit code; null while there is none. */
  exitCode(of: AttemptId): Promise<number | null>;
  /** The end of the output, or null if there is none; `isWhole`: it is all of it. */
  outputEnd(
    of: AttemptId,
    bytes: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean } | null>;
  remove(of: AttemptId): Promise<void>;
  /**
   * Keeps an attempt from being started by any agent but this one. False: it has been started, or another agent has done the same. Two
   * agents can't both succeed, whatever each believes to be.
   */
  forestall(of: AttemptId): Promise<boolean>;
  /** The attempts that have records. */
  ids(): Promise<readonly AttemptId[]>;
}

/** `isOutOfMemory`: the kernel has ended one of them because memory ran out. */
export interface ProgramUsage extends CgroupUsage {
  readonly isOutOfMemory: boolean;
}

/** The exit code that a node keeps of the job's attempt which it started last. */
export interface OwnExitCode {
  readonly attempt: number;
  readonly exitCode: number;
}

/** The processes of jobs on the node where mpiexec was started. */
export interface JobHost {
  /** "unknown": that node has not started them since it booted, or it is gone. */
  observe(jobId: string): Promise<"running" | "ended" | "unknown">;
  /**
   * The exit code as that node keeps it beside the cluster's records, which may have no room for it; null: there is none, or, of another
   * node, there was none when it was last observed.
   */
  exitCode(jobId: string): Promise<OwnExitCode | null>;
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
  /**
   * The attempt may be about to start by this plan: begins its mpiexec beside the claim, so that it is there then. Nothing is launched on any
   * node before `start` with the same plan; what is not started soon goes by itself. Never throws.
   */
  getReady(of: AttemptId, plan: LaunchPlan): void;
  /** Starts the plan, with new records of its attempt, or does nothing if the job already runs here. `onExit` is only a wake-up. */
  start(of: AttemptId, plan: LaunchPlan, onExit: () => void): Promise<void>;
  /** The jobs that this node has started since it booted, and not forgotten. */
  ids(): Promise<readonly string[]>;
}

/** Brings an attempt's output to where people find it. What is done for one attempt is done one after the other. */
export interface LogDelivery {
  /** The URI below which the attempt's log is stored. */
  prefixOf(of: AttemptId): string;
  /** Stores what the running attempt has printed, as far as it is due; nothing where there is no output. Throws as deliver. */
  ship(of: AttemptId, signal: AbortSignal): Promise<void>;
  /**
   * Stores the rest of the ended attempt's output and then its manifest: one try, bounded, which `signal` cuts short; may run twice.
   * Null: there is no output. Throws when it could not be delivered, LogRefusedError where trying again is of little use.
   */
  deliver(log: AttemptId & { readonly exitCode: number | null }, signal: AbortSignal): Promise<JobLog | null>;
  /** The attempt's log is done with. */
  forget(of: AttemptId): void;
  /** This node is not head any more: what another head does with the logs is not known here. */
  forgetAll(): void;
}

/** What the nodes have reported about the ranks of a job that runs here. */
export interface RankView {
  factsOf(jobId: string): RankFacts;
  forget(jobId: string): void;
}

/** What the runner needs from the rest of the agent. */
export interface HeadView extends NodesView, NodesGivenUp {
  /** The held lease's generation; null while this node is not head. */
  generation(): number | null;
  /** The hostfile as written; null while no job may start (none written yet, or the fleet is being resized). */
  hostfileNow(): Hostfile | null;
  /** The instance that has the address, or had it until it was lost; null: not known now. */
  instanceAt(address: string): string | null;
  /** The notebooks that have the cluster, by name: only their own jobs begin. */
  boundBy(): readonly string[];
  /** Whether this node is about to go, and another will be head: it begins no further job. */
  handsOver(): boolean;
  /** There is work: the cluster's rest is over. Cheap. */
  endRest(): void;
  /** Why the node of that address goes, and whether its time is up; null: it does not, as far as is known. */
  leaving(address: string): Leaving | null;
  /** Keeps these nodes from jobs, the next one's hostfile included, until a look finds them in order. */
  setAside(addresses: readonly string[]): void;
}
