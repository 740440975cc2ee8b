import type { JobStatus } from "../../agent/contract/job-state.js";
import type { NodeSummary } from "../../agent/contract/registry.js";
import type { NodeFault } from "../../scripts/local/hosts/faults.js";
import type { InjectedNotices } from "../../scripts/local/lan/notices.js";
import type { NodeRun } from "../support/run-in-node.js";

/** The parts that nodes play for a job: mpiexec runs on the head, and ranks on all of them. */
export type Part = "head" | "worker";

/** What a fault does to the cloud below the API. The nodes' agents can't see who does it. */
export interface Injector {
  /** A fault of the node itself: its power, its cable, its processor. */
  strike(part: Part, fault: NodeFault): Promise<void>;
  /** Ends the instance, as an operator does who finds it dead: its group starts another one. */
  replace(part: Part): Promise<void>;
  /** As `replace`, but the first instance that the group starts never reports, and is replaced in its turn: resolves after that. */
  replaceWithDead(part: Part): Promise<void>;
  /** Runs a program as root in the node. */
  run(part: Part, argv: readonly [string, ...string[]]): Promise<NodeRun>;
  /** As `run`, on every node at once. */
  runOnAll(argv: readonly [string, ...string[]]): Promise<void>;
  /** From now on EC2 announces this to the part's node, and nothing else. */
  announce(part: Part, notices: InjectedNotices): void;
  /** From now on the registry answers with this error, or as usual. */
  breakRegistry(how: "down" | "throttled" | null): Promise<void>;
  /** From now on S3 answers with errors, or does not any more. */
  breakS3(isBroken: boolean): Promise<void>;
  /** Fills the file system that the cluster's folders are on, or empties it again. */
  fillFiles(isFull: boolean): Promise<void>;
  /** The part's node, as it was when the job ran. */
  node(part: Part): NodeSummary;
}

/** What the cluster does when the fault strikes: nothing, a job, or the delivery of a job's last output. */
export const STATES = ["idle", "running", "delivering"] as const;
export type State = (typeof STATES)[number];

/** What one fault is to do to a running job, and what is to come of that. */
export interface Fault {
  readonly name: string;
  /** What happens, as a few words. */
  readonly what: string;
  /** How long the job computes, unless the fault ends it. */
  readonly jobSeconds: number;
  /** Further attempts for a lost node. */
  readonly retries?: number;
  inject(into: Injector): Promise<void>;
  readonly heal?: {
    /** From the fault; or while the job's second attempt runs; without it after the job's end. */
    readonly after?: { readonly seconds: number } | "second attempt runs";
    act(into: Injector): Promise<void>;
  };
  readonly expected: Expected;
  /** Where it means something. Default: in all of them. */
  readonly states?: readonly State[];
  /** The part whose node the head replaces by itself: its instance goes, and what it left is kept. */
  readonly replaces?: Part;
  /** Whether the job's processes on the other node than the head have to be gone within 5 s. Default false. */
  readonly endsRanks?: boolean;
  /** Whether the head has to stay the same. Default false. */
  readonly headStays?: boolean;
}

export interface Expected {
  readonly status: Extract<JobStatus, "FINISHED" | "FAILED">;
  /** Of the first attempt: any of them. Null: it has none. */
  readonly reasonCodes: readonly (string | null)[];
  /** How soon after the fault its first attempt has ended; null: it goes on to its own end. */
  readonly withinSeconds: number | null;
  /** Default 1. */
  readonly attempts?: number;
  /** Whether the log has every line that the program printed: not where the disk that it is on was full. Default true. */
  readonly isLogWhole?: boolean;
}

/** What has come of a fault. */
export interface Row {
  readonly fault: string;
  readonly state: State;
  readonly status: string;
  /** Of the first attempt; without a job, the last that the cluster or a node of it had. */
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  /** From the fault to the end of the first attempt; without a job, until the cluster is whole again. */
  readonly seconds: number;
  /** What it has left, in words: processes, records, nodes that are not ready. Empty: nothing. */
  readonly left: readonly string[];
  /** What differs from what was expected, in words. Empty: nothing. */
  readonly differs: readonly string[];
  /** There: a signal has ended the run before it was done. */
  readonly notRun?: true;
}
