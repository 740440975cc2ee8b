import { type Static, Type } from "@sinclair/typebox";
import { Nullable, Time } from "./item-fields.js";
import type { DrainReasonCode } from "./reasons.js";

/** Why and how far a node is on its way out: it gets no new job, and ends when it holds no work any more. */
export const NodeDrain = Type.Object({
  reasonCode: Type.Unsafe<DrainReasonCode>(Type.String()),
  reason: Type.String({ description: "in one sentence" }),
  since: Time,
  deadline: Nullable(
    Type.String({ description: "when EC2 takes it at the latest, work or not; null: it waits" }),
  ),
  endedAt: Nullable(Type.String({ description: "when its instance was given back to the group" })),
});
export type NodeDrain = Static<typeof NodeDrain>;

/** One node that was replaced because it failed. */
export const NodeReplacement = Type.Object({
  nodeId: Type.String({ description: "the EC2 instance that went" }),
  at: Time,
  reasonCode: Type.Unsafe<DrainReasonCode>(Type.String()),
});
export type NodeReplacement = Static<typeof NodeReplacement>;
