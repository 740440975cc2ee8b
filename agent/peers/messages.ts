import { type Static, Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";

import { NodeActivity } from "../contract/activity.js";
import { StatusOfCluster } from "../contract/http.js";
import { QueuedJob } from "../contract/job-problems.js";
import { NAME_PATTERN } from "../contract/names.js";
import { NODE_KINDS } from "../contract/node-kind.js";
import { NodeNotice } from "../contract/node-notice.js";
import { NodeSummary } from "../contract/registry.js";

/** The path of the head's WebSocket; role peer. */
export const PEER_PATH = "/v1/peers";

/** This many heartbeats may be missed; then the other side counts as lost. */
export const MISSED_HEARTBEATS = 6;

/** Close codes of the head: 4000-4999 are the application's. */
export const CLOSE = { NOT_HEAD: 4409, INVALID: 4400, STEPPED_DOWN: 4410, REPLACED: 4411 } as const;

const FailingProbes = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 });

/** Missing: an agent that knows none. */
const Notices = Type.Optional(Type.Array(NodeNotice, { maxItems: 16 }));

const PeerNode = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  address: Type.String({ pattern: "^\\d{1,3}(\\.\\d{1,3}){3}$" }),
  hostname: Type.String({ minLength: 1, maxLength: 255 }),
  cores: Type.Integer({ minimum: 1 }),
  kind: Type.Union(NODE_KINDS.map((kind) => Type.Literal(kind))),
  /** The notebook that it has, where it is one's node. */
  notebook: Type.Optional(Type.String({ pattern: NAME_PATTERN })),
  bootedAt: Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601, UTC, by the node's clock" })),
});
/** What a node says of itself when it connects. */
export type PeerNode = Static<typeof PeerNode>;

/** What the node reports of activity there. An older agent reports nothing, which is not idle. */
const Activity = Type.Optional(Type.Array(NodeActivity, { maxItems: 8 }));

const PeerNudge = Type.Object({
  type: Type.Literal("nudge"),
  jobId: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()]),
  queued: Type.Optional(QueuedJob),
});
/** Word that a client of the node has submitted or cancelled a job: agent/jobs/nudge.ts says what becomes of it. */
export type PeerNudge = Omit<Static<typeof PeerNudge>, "type">;

/** What a node says of itself with its hello and each heartbeat. */
const State = {
  failingProbes: FailingProbes,
  activity: Activity,
  notices: Notices,
  /** There: its machine goes down, or restarts, and what runs there ends with it. An agent that does not know this says bye alone. */
  shutsDown: Type.Optional(Type.Literal(true)),
};

/**
 * What a node sends: hello first, then a heartbeat at each interval and each change, at rest when it is asked and at each change, a nudge after a job was submitted or
 * cancelled there, bye when its agent ends in order.
 */
const NodeMessage = Type.Union([
  PeerNudge,
  Type.Object({
    type: Type.Literal("hello"),
    node: PeerNode,
    ...State,
  }),
  Type.Object({
    type: Type.Literal("heartbeat"),
    ...State,
    /** There: the node asks for the cluster's status. The version of the nodes that it has of this head; 0: none. */
    statusHeld: Type.Optional(Type.Integer({ minimum: 0 })),
    /** The head has asked for it, and is told nothing new by an answer. */
    isAsked: Type.Optional(Type.Literal(true)),
  }),
  Type.Object({ type: Type.Literal("bye") }),
]);
export type NodeMessage = Static<typeof NodeMessage>;

/** The cluster's status for a node that asked. */
const StatusUpdate = Type.Object({
  ageMs: Type.Integer({ minimum: 0, description: "of the oldest of it, when it was sent" }),
  nodesVersion: Type.Integer({
    minimum: 1,
    description: "changes with `nodes`; counts from 1 in each generation",
  }),
  of: StatusOfCluster,
  nodes: Type.Optional(Type.Array(NodeSummary, { description: "missing: the node has that version" })),
});
export type StatusUpdate = Static<typeof StatusUpdate>;

/**
 * The head's answer to each hello and heartbeat that it has not asked for: the lease as last renewed, and since when the cluster's secret is
 * what the head has, in Unix milliseconds; and how many nodes are connected to it.
 */
const Lease = Type.Object({
  type: Type.Literal("lease"),
  generation: Type.Integer(),
  renewal: Type.Integer(),
  secretAt: Type.Optional(Type.Integer()),
  nodes: Type.Optional(Type.Integer({ minimum: 0 })),
  /** There: the cluster is at rest, and the head asks for a heartbeat so often. An agent that does not know this gives its own. */
  restMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** There: it asks for a heartbeat now. */
  asks: Type.Optional(Type.Literal(true)),
});
export type HeadMessage = Static<typeof Lease> & { readonly status?: StatusUpdate };

const checks = {
  node: TypeCompiler.Compile(NodeMessage),
  lease: TypeCompiler.Compile(Lease),
  status: TypeCompiler.Compile(StatusUpdate),
};

/** The message in `text`, or null if it is not a message. */
export function parseNodeMessage(text: string): NodeMessage | null {
  const value = parse(text);
  return checks.node.Check(value) ? value : null;
}

/** As parseNodeMessage. A status that this agent does not understand, of another version's, is left out: the lease counts. */
export function parseHeadMessage(text: string): HeadMessage | null {
  const value = parse(text);
  if (!checks.lease.Check(value)) return null;
  const { type, generation, renewal, secretAt, nodes, restMs, asks, status } = value as HeadMessage;
  return {
    ...{ type, generation, renewal },
    ...(secretAt === undefined ? {} : { secretAt }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(restMs === undefined ? {} : { restMs }),
    ...(asks === undefined ? {} : { asks }),
    ...(checks.status.Check(status) ? { status } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
