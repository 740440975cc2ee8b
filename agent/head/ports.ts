import type { Logger } from "pino";
import type { NewEvent } from "../contract/event.js";
import type { NodeKind } from "../contract/node-kind.js";
import type { NodeNotice } from "../contract/node-notice.js";
import type { NodeState } from "../contract/node-state.js";
import type { Because } from "../contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import type { Observation } from "../contract/writes/cluster.js";
import type { Clock } from "../time/clock.js";
import type { Cleaner } from "./cleaner.js";
import type { GroupControl } from "./group.js";
import type { HostfileNode } from "./hostfile.js";
import type { HostfilePort } from "./hostfile-writer.js";
import type { MemberNode } from "./members.js";
import type { NodeStore } from "./node-records.js";
import type { ReplacementsDeps } from "./replacements.js";
import type { UsageStore } from "./usage-records.js";

/** The head role: it knows all nodes, and alone writes the hostfile, META and what is seen of the nodes. It works only between start and stop. */
export interface Head {
  /** Begins a term. Does nothing if a term of that generation runs. */
  start(generation: number): void;
  /** Ends the term: it starts no more writes, and forgets what it knew. */
  stop(): void;
  /** `notices`: what EC2 announces about it now. */
  report(node: MemberNode, failingProbes: readonly string[], notices: readonly NodeNotice[]): void;
  /** The node's machine goes down, or restarts, and what runs there ends with it. */
  shutsDown(node: Pick<MemberNode, "id" | "address">): void;
  leave(id: string): void;
  lose(id: string): void;
  /** The hostfile as written, but for nodes that have fallen silent since, while a job may start with it; else null. */
  hostfileNow(): { readonly path: string; readonly nodes: readonly HostfileNode[] } | null;
  /** The addresses of the nodes that a running job has not lost; null: it is too early to know, or this node is not head. */
  inTouch(): ReadonlySet<string> | null;
  /** The addresses of the nodes whose heartbeats come, this node's among them; null: as for inTouch. */
  heard(): ReadonlySet<string> | null;
  /** The instance of that address, as long as it is listed; null: not known. */
  instanceAt(address: string): string | null;
  /**
   * Sets the nodes of these addresses aside, as a preflight has found them bad: unready, and out of the hostfile, until a look finds
   * them in order.
   */
  setAside(addresses: readonly string[]): void;
  isSetAside(id: string): boolean;
  /** The names of the notebooks that bind the cluster to their jobs; none where it is shared. */
  boundBy(): readonly string[];
  /** How many nodes are in each state, as far as this head has heard; null: this node is not head. */
  nodesByState(): ReadonlyMap<NodeState, number> | null;
  /** The cluster as this head knows it, from memory; null: it is not head, or has not read META yet. */
  seen(): SeenCluster | null;
  /** The nodes that it knows, and whether their heartbeats come; null: it is too early to know, or this node is not head. */
  nodes(): readonly KnownNode[] | null;
  /** The cluster may have changed: looks at it now. */
  wake(): void;
  /** Whether the cluster is at rest: see Rest. */
  isAtRest(): boolean;
  /** There is work for the cluster. Cheap; may be called at any time. */
  endRest(): void;
  /** Whether this node goes down, or is on its way out and another is ready to be head: this one begins no further job or attempt. */
  handsOver(): boolean;
  /** As handsOver, and it holds no work: now is the time. */
  isToHandOver(): boolean;
  /** Why the node of that address goes, and whether its time is up; null: it does not, as far as is known. */
  leaving(address: string): Leaving | null;
  /** Whether another node is ready: it would be a better head if this one is not ready. */
  hasReadyPeer(): boolean;
}

/** Why a node goes. */
export interface Leaving {
  readonly why: Because<"node-interrupted" | "node-lost">;
  /** Whether its time is up: what runs there ends now. */
  readonly isDue: boolean;
  /** There: it goes down already, and its ranks end whatever their program does. */
  readonly shutsDown?: true;
}

export interface SeenCluster {
  readonly generation: number;
  /** Of this term, on the monotonic clock. */
  readonly startedAtMs: number;
  /** META as last read or written, at `atMs` of the monotonic clock. */
  readonly meta: ClusterItem;
  readonly atMs: number;
  /** As they are at this moment. */
  nodes(): readonly NodeSummary[];
}

/** A node as the head knows it. */
export interface KnownNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly isHeard: boolean;
  /** By its own clock; missing where its agent does not say it. */
  readonly bootedAt?: string;
}

export interface HeadDeps {
  /** Where jobs' logs and packed folders are. */
  readonly logBucket: string;
  readonly self: MemberNode;
  /** Of this node. */
  readonly instanceType: string;
  readonly cluster: NodeStore &
    UsageStore & {
      readCluster(): Promise<ClusterItem | null>;
      writeObservation(observation: Observation): Promise<boolean>;
      noteReplacements: ReplacementsDeps["noteReplacements"];
    };
  readonly hostfile: HostfilePort;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** How often it looks at a cluster at rest, and asks the nodes. */
  readonly restMs: number;
  failingProbes(): readonly string[];
  /** What EC2 announces about this node. */
  notices(): readonly NodeNotice[];
  /** Whether a job has processes on the node, or may be about to. */
  holdsWork(address: string): boolean;
  readonly replacing: Pick<ReplacementsDeps, "lastWords" | "limits" | "readCluster"> & {
    readonly group: GroupControl;
  };
  /** The held generation, exact at this moment; null when the lease has run out. */
  generation(): number | null;
  isJobRunning(): boolean;
  /** Whether META has stayed as it is for a while, and no MPI kernel has the cluster. */
  isUnchanged(): boolean;
  /** Called when a rest of the cluster has ended. */
  onRestEnd(): void;
  /** The addresses of those that a preflight would still find bad. */
  recheck(nodes: readonly HostfileNode[]): Promise<readonly string[]>;
  readonly cleaner: Cleaner;
  /** Adds to the cluster's history; it never fails, and is waited for by none. */
  note(event: NewEvent): void;
  /** Called when a term begins. */
  onTerm(): void;
  /** Called when there is a hostfile with which a job may start, after there was none. */
  onJobsMayStart(): void;
  readonly log: Logger;
}
