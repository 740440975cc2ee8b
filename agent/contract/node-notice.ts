import { type Static, Type } from "@sinclair/typebox";

/**
 * What EC2 announces about an instance, in its metadata: `spot-interruption` = it takes the instance at a known time; `maintenance` =
 * it stops, retires or restarts it, or works on its host, not before a known time; `rebalance` = a hint that an interruption is likelier
 * than usual, after which often none comes.
 */
const NOTICE_KINDS = ["spot-interruption", "maintenance", "rebalance"] as const;

/** A notice that stands now. */
export const NodeNotice = Type.Object({
  kind: Type.Union(NOTICE_KINDS.map((kind) => Type.Literal(kind))),
  at: Type.Union([Type.String({ maxLength: 32 }), Type.Null()], {
    description: "when it begins, ISO 8601 in UTC; null: not known",
  }),
  what: Type.String({ maxLength: 200, description: "the action or the event's code, in EC2's word" }),
});
export type NodeNotice = Static<typeof NodeNotice>;

/** Whether the notice says that the node goes. After a hint it stays: most hints come to nothing. */
export const isBinding = ({ kind }: Pick<NodeNotice, "kind">): boolean => kind !== "rebalance";
