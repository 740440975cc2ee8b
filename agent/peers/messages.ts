import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { QueuedJob } from "../contract/job-problems.js";
import { NODE_KINDS } from "../contract/node-kind.js";
import { NodeNotice } from "../contract/node-notice.js";

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
});
/** What a node says of itself when it connects. */
export type PeerNode = Static<typeof PeerNode>;

const PeerNudge = Type.Object({
  type: Type.Literal("nudge"),
  jobId: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()]),
  queued: Type.Optional(QueuedJob),
});
/** Word that a client of the node has submitted or cancelled a job: agent/jobs/nudge.ts says what becomes of it. */
export type PeerNudge = Omit<Static<typeof PeerNudge>, "type">;

/**
 * What a node sends: hello first, then a heartbeat at each interval and each change, a nudge after a job was submitted or
 * cancelled there, bye when its agent ends in order.
 */
const NodeMessage = Type.Union([
  PeerNudge,
  Type.Object({
    type: Type.Literal("hello"),
    node: PeerNode,
    failingProbes: FailingProbes,
    notices: Notices,
  }),
  Type.Object({ type: Type.Literal("heartbeat"), failingProbes: FailingProbes, notices: Notices }),
  Type.Object({ type: Type.Literal("bye") }),
]);
export type NodeMessage = Static<typeof NodeMessage>;

/** The head's answer to each hello and heartbeat: the lease as last renewed. */
const HeadMessage = Type.Object({
  type: Type.Literal("lease"),
  generation: Type.Integer(),
  renewal: Type.Integer(),
});
export type HeadMessage = Static<typeof HeadMessage>;

/** The message in `text`, or null if it is not a message. */
export const parseNodeMessage = (text: string): NodeMessage | null => parse(NodeMessage, text);
export const parseHeadMessage = (text: string): HeadMessage | null => parse(HeadMessage, text);

function parse<T extends typeof NodeMessage | typeof HeadMessage>(schema: T, text: string): Static<T> | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(schema, value) ? value : null;
  } catch {
    return null;
  }
}
