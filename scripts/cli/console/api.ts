import type { ActivityReply } from "../../../agent/contract/activity-view.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import type { NodeSummary } from "../../../agent/contract/registry.js";
import type { JobState } from "../core/ports.js";
import type { UsageSummary } from "../core/usage.js";

/*
 * What the server of `muster console` and its page say to each other, all of it JSON below /api. Times are ISO 8601 in UTC. An answer
 * that is no success is an ApiProblem.
 */

/** `no-rights`: the credentials lack a permission. `busy`: the cause may pass. */
export type ProblemCode =
  | "invalid"
  | "refused"
  | "failed"
  | "no-rights"
  | "busy"
  | "no-session"
  | "read-only"
  | "not-found";
export interface ApiProblem {
  readonly code: ProblemCode;
  /** For a person: what is wrong, and the next step. May have several lines. */
  readonly message: string;
}

/** Where the console works, and what it may do. */
export interface PlaceView {
  readonly org: string;
  readonly region: string;
  readonly version: string;
  readonly isReadOnly: boolean;
  /** Whose credentials there are; null: STS does not say it. */
  readonly caller: string | null;
  /** Null: there is no project in the folder where the console was started, so nothing declared can be changed. */
  readonly config: { readonly path: string } | null;
}

/** A step of the onboarding list. `isDone` null: it can't be seen. */
export interface OnboardingStep {
  readonly id: "credentials" | "project" | "org" | "image" | "cluster" | "job" | "notebook";
  readonly title: string;
  readonly isDone: boolean | null;
  /** What was found, or what to do. */
  readonly detail: string;
}

/** A cluster, without what only its owner in Terraform's state may know. */
export interface ClusterView {
  readonly uuid: string;
  readonly name: string;
  readonly status: string;
  readonly phase: string;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly statusChangedAt: string;
  readonly createdAt: string;
  readonly desiredNodes: number;
  readonly readyNodes: number;
  readonly hostfileNodes: number;
  readonly cores: number;
  readonly busy: boolean;
  readonly headInstanceId: string | null;
  readonly observedAt: string | null;
  readonly notebooks: readonly string[];
  readonly isDeclared: boolean | null;
  readonly activity: ActivityReply;
}

/** How a node is reached. */
export interface NodeView extends NodeSummary {
  readonly publicAddress: string | null;
}

export interface ClusterDetail {
  readonly cluster: ClusterView;
  readonly nodes: readonly NodeView[];
  readonly hostfile: string;
  readonly events: readonly { readonly at: string; readonly code: string; readonly text: string }[];
  /** What does not run as it should; each a sentence. */
  readonly warnings: readonly string[];
}

export interface JobRow {
  readonly id: string;
  readonly clusterUuid: string;
  readonly clusterName: string;
  readonly name: string | null;
  readonly command: string;
  readonly status: string;
  readonly phase: string;
  readonly reasonCode: string | null;
  readonly submittedAt: string;
  readonly submittedBy: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly attempt: number | null;
}

export interface JobPage {
  readonly jobs: readonly JobRow[];
  /** Of all pages. */
  readonly total: number;
  readonly page: number;
  readonly pageSize: number;
  /** How many there are of each status, whatever is filtered. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface JobDetail {
  readonly row: JobRow;
  readonly job: JobState;
  readonly attempts: readonly AttemptItem[];
  /** What it asks for: names and values. Variables' values are not among them. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What it waits for; null: it has ended. */
  readonly waits: string | null;
}

/** A piece of a log, of whole characters. */
export interface LogWindow {
  readonly text: string;
  /** The bytes from `from`, before `to`. */
  readonly from: number;
  readonly to: number;
  /** How many bytes there are by now. */
  readonly size: number;
  /** Nothing more comes. */
  readonly isWhole: boolean;
}

export interface LogMatches {
  /** `at`: where what is shown of the line begins. */
  readonly matches: readonly { readonly at: number; readonly line: string }[];
  /** Where to look on; null: the log's end was reached. */
  readonly next: number | null;
  readonly size: number;
}

export interface DefinitionView {
  readonly name: string;
  readonly revision: number;
  readonly run: string;
  readonly command: string;
  readonly schedule: string | null;
  readonly nextSlot: string | null;
  readonly lastJob: { readonly id: string; readonly status: string } | null;
}

export interface NotebookView {
  readonly name: string;
  readonly clusterUuid: string;
  readonly clusterName: string | null;
  readonly status: string;
  readonly phase: string;
  readonly describes: string;
  readonly why: string | null;
  readonly instanceType: string | null;
  readonly kernels: number | null;
  readonly busyKernels: number | null;
  readonly parksAt: string | null;
  /** Whether this console has it open. */
  readonly isOpen: boolean;
}

/** Where a browser takes the code to, by POST. The code is good for a minute, and once. */
export interface NotebookEntrance {
  readonly action: string;
  readonly code: string;
}

/** An image, and how far it is shared. */
export interface ImageView {
  readonly name: string;
  readonly family: string;
  readonly status: string;
  readonly createdAt: string | null;
  readonly shares: readonly {
    readonly account: string;
    readonly region: string;
    readonly state: string;
    readonly reason: string | null;
  }[];
}
export interface ImagesView {
  readonly images: readonly ImageView[];
}

export interface SettingsView {
  readonly account: string | null;
  readonly caller: string | null;
  /** Why the account is not known. */
  readonly problem: ApiProblem | null;
  readonly role: { readonly arn: string; readonly externalId: string | null } | null;
  readonly org: string;
  readonly region: string;
  readonly config: string | null;
  /** The commands that remove the org from the region, and prove it. */
  readonly cleanup: readonly { readonly command: string; readonly does: string }[];
}

export interface UsageView extends UsageSummary {
  /** Node minutes by day of UTC and cluster. */
  readonly days: readonly {
    readonly day: string;
    readonly clusters: readonly { readonly name: string; readonly minutes: number }[];
  }[];
  /** Why there are no costs; null: there are. */
  readonly pricesProblem: string | null;
}

/** A change of what muster.yaml declares. */
export type Change =
  | { readonly kind: "add-cluster"; readonly cluster: Declared }
  | { readonly kind: "set-cluster"; readonly name: string; readonly values: Declared }
  | { readonly kind: "remove-cluster"; readonly name: string }
  | { readonly kind: "add-notebook"; readonly cluster: string; readonly notebook: Declared }
  | { readonly kind: "remove-notebook"; readonly cluster: string; readonly name: string }
  | { readonly kind: "add-definition"; readonly cluster: string; readonly definition: Declared }
  | { readonly kind: "remove-definition"; readonly cluster: string; readonly name: string };
/** Keys and values as muster.yaml has them. Null: the key is removed. */
export type Declared = Readonly<Record<string, unknown>>;

export interface DeclaredView {
  readonly path: string;
  /** Of the file as it was read: a change of another text is refused. */
  readonly hash: string;
  readonly clusters: readonly {
    readonly name: string;
    readonly nodes: number;
    readonly instanceType: string;
    readonly idleTimeoutMinutes: number | null;
    readonly notebooks: readonly string[];
    readonly jobDefinitions: readonly { readonly name: string; readonly schedule: JobSchedule | null }[];
  }[];
  readonly problems: readonly string[];
}

export interface PlanView {
  readonly hash: string;
  /** Unified, without its file names; empty: nothing changes. */
  readonly diff: string;
  readonly problems: readonly string[];
  /** What is run, in this order. */
  readonly commands: readonly string[];
}

/** NEW: it waits for another task. */
export type TaskStatus = "NEW" | "INPROGRESS" | "FINISHED" | "FAILED";
/** Something that the console does, and that takes its time. */
export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly status: TaskStatus;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Why it FAILED, or what came out. */
  readonly message: string | null;
  /** How many lines it has said. */
  readonly lines: number;
  readonly mayStop: boolean;
}
export interface TaskOutput {
  readonly task: TaskView;
  readonly lines: readonly string[];
  /** The number of the first of these lines; those before are not kept. */
  readonly from: number;
}
