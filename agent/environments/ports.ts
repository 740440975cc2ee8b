import type { PreparationFailure } from "../jobs/ports.js";
import type { SetupEnd, UvFailure } from "./failures.js";

/** The requirements file of a job: `file`, a name in `folder`. */
export interface RequirementsPlace {
  readonly folder: string;
  readonly file: string;
}

/**
 * Python environments, on /shared and on this node's disk. All of it happens as the job user, and one call at a time. Calls are
 * bounded, and may run again after a failure, which leaves nothing; `signal` ends a call within seconds.
 */
export interface EnvironmentFiles {
  /** The text of a job's file; null where there is none. Throws where it is too large. */
  read(path: string): Promise<string | null>;
  /** SHA-256, hex, over what is at `paths`, which are relative to `folder`; of what is not there, nothing. */
  digest(folder: string, paths: readonly string[], signal: AbortSignal): Promise<string>;
  /** Installs the requirements as the environment `key`, unless /shared has it. Null: it is there. Throws where it can't be stored. */
  install(key: string, place: RequirementsPlace, signal: AbortSignal): Promise<UvFailure | null>;
  /** Brings the environment from /shared to this node's disk, unless it is there. */
  bring(key: string, signal: AbortSignal): Promise<void>;
  /** Removes the environment from /shared, so that it is installed again. */
  discard(key: string): Promise<void>;
  /** Removes what a killed call has left on this node's disk. */
  clean(): Promise<void>;
}

/** A set-up, as a node runs it. */
export interface SetupRun {
  readonly jobId: string;
  readonly attempt: number;
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The set-ups of jobs on this node. */
export interface SetupRuns {
  /** Whether the job's set-up has ended well here since the node booted. */
  isDone(jobId: string): Promise<boolean>;
  /** Remembers that it has. */
  note(jobId: string): Promise<void>;
  /** Runs it to its end, in a cgroup which is empty afterwards; its output is kept for the delivery. Rejects when `signal` aborts. */
  run(setup: SetupRun, signal: AbortSignal): Promise<SetupEnd>;
}

/** What a head asks of a node before a launch. */
export interface Preparation {
  readonly jobId: string;
  readonly attempt: number;
  /** The key of the environment to bring; null: none. */
  readonly environment: string | null;
  readonly setup: Omit<SetupRun, "jobId" | "attempt"> | null;
}

/**
 * Hands a Preparation, as JSON, to the agent at `address`, and waits for its end. Throws HostUnreachableError where the agent can't be
 * reached or is lost, and another error when it refuses, or does not answer in time.
 */
export type AskPreparation = (
  address: string,
  body: Buffer,
  timeoutMs: number,
  signal: AbortSignal,
) => Promise<PreparationFailure | null>;
