import type { JobItem, JobLog } from "../contract/registry.js";
import type { Hostfile, LaunchPlan } from "./launch-plan.js";

/** What a head writes of a job. Ending it (a final status) also takes it out of the queue. */
export type JobChange = Partial<
  Pick<
    JobItem,
    "status" | "phase" | "reason" | "startedAt" | "endedAt" | "ranks" | "exitCode" | "lastLines" | "log"
  >
>;

/** The cluster's jobs in the registry. Calls are bounded; they throw when the registry does not answer. */
export interface JobRegistry {
  /** Jobs that have not ended, oldest first. May lag behind by moments. */
  queue(): Promise<JobItem[]>;
  /** The job as it is, or null. */
  read(jobId: string): Promise<JobItem | null>;
  /**
   * Takes a NEW job, or one in progress of the same or an older generation, and stamps it with `generation`. Null: not to be
   * had (ended, gone, or a newer head's). Two claims at once: one wins, unless both are of one generation, that is of one head.
   */
  claim(jobId: string, generation: number): Promise<JobItem | null>;
  /** Writes if the job is in progress under exactly `generation`; false: it is not ours any more. May run twice. */
  update(jobId: string, generation: number, change: JobChange): Promise<boolean>;
}

/** The job's folder on /shared. All calls may run twice; none follows a link that the job's own processes could have set. */
export interface JobFiles {
  /** Makes the folder, owned by the job user, and writes the files into it; earlier output and exit code are removed. */
  prepare(folder: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** Writes one more file, atomically. */
  write(folder: string, name: string, content: string): Promise<void>;
  /** A small file's text, or null where there is none (or something that is no file). */
  read(folder: string, name: string): Promise<string | null>;
  /** The end of a file, or null where there is none; `isWhole`: it is all of it. */
  tail(folder: string, name: string, bytes: number): Promise<{ bytes: Uint8Array; isWhole: boolean } | null>;
}

/** The processes of jobs on this node. They are no children to be lost with the agent: a restarted agent finds them again. */
export interface JobProcesses {
  /** Starts the plan in `folder`, or does nothing when the job already runs here. `onExit` is only a wake-up. */
  start(jobId: string, folder: string, plan: LaunchPlan, onExit: () => void): Promise<void>;
  /** "unknown": this node, since it booted, never started them. */
  observe(jobId: string): Promise<"running" | "ended" | "unknown">;
  /** To mpiexec's process group; with SIGKILL to every process of the job on this node. Does nothing where there is none. */
  signal(jobId: string, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Forgets an ended job. */
  forget(jobId: string): Promise<void>;
}

/** Asks a node's agent whether it is there. */
export interface HostProbe {
  /** Null when it answered in time, else what went wrong, in a few words. Never throws. */
  healthz(address: string, timeoutMs: number): Promise<string | null>;
}

/** Puts a run's log where people find it. */
export interface LogDelivery {
  /**
   * Uploads the file and then its manifest; bounded, tries again by itself, may run twice. Null: there is no such file.
   * Throws when it could not be delivered.
   */
  deliver(log: {
    readonly jobId: string;
    readonly run: number;
    readonly path: string;
    readonly exitCode: number | null;
  }): Promise<JobLog | null>;
}

/** What the runner asks the rest of the agent. */
export interface HeadView {
  /** The held lease's generation; null while this node is not head. */
  generation(): number | null;
  /** The hostfile as written; null while no job may start (none written yet, or the fleet is being resized). */
  hostfileNow(): Hostfile | null;
}
