import { type Static, Type } from "@sinclair/typebox";
import { enumOf, Time } from "./item-fields.js";

/** What can happen to a cluster or its nodes, and is worth a line in its history. Jobs have records of their own. */
export const EVENTS = {
  "cluster-ready": "All wanted nodes are ready.",
  "cluster-degraded": "Fewer nodes are usable than are wanted.",
  "cluster-failed": "The cluster's nodes were not ready in time.",
  "idle-warning": "The idle timeout runs out soon.",
  "budget-warning": "The cluster has used 80 % of what it may use this month, or more.",
  "budget-spent": "The cluster has used all that it may use this month.",
  "park-begun": "The cluster is being parked: its nodes go.",
  "park-stopped": "Work came while the cluster was being parked, so it keeps its nodes.",
  parked: "The cluster has no nodes until there is work again.",
  resumed: "The cluster gets its nodes back.",
  "resize-begun": "Another number of nodes was asked for.",
  "node-joined": "A node is ready for the first time.",
  "node-unready": "A node that was ready fails a probe, or is silent.",
  "node-lost": "A node is gone without a word.",
  "node-notice": "AWS announces that it will take a node, or work on it.",
  "node-draining": "A node takes no new work and will go.",
  "node-replaced": "A node was given back, and the group starts another.",
  "node-ended": "A node more than are wanted was ended.",
  "fleet-protected": "Nodes fail again and again, so no more are replaced.",
  "head-changed": "Another node is head.",
  "registry-back": "The registry answers again.",
  "token-rotated": "The cluster has a new secret.",
} as const satisfies Readonly<Record<string, string>>;
export type EventCode = keyof typeof EVENTS;
export const EVENT_CODES = Object.keys(EVENTS) as readonly EventCode[];

/** How long the registry keeps an event. */
export const EVENT_DAYS = 30;

/** `EVENT#<at>#<id>`: something that happened, as it happened. */
export const EventItem = Type.Object({
  id: Type.String({ description: "random, so that two of one moment are two" }),
  at: Time,
  code: enumOf<EventCode>(EVENT_CODES),
  text: Type.String({ description: "what happened, in one sentence" }),
  nodeId: Type.Optional(Type.String({ description: "the EC2 instance it is about" })),
  by: Type.Optional(Type.String({ description: "who asked for it: an ARN or a token's name" })),
  detail: Type.Optional(
    Type.String({ description: "more of it, in lines: of a node that did not boot, the end of its console" }),
  ),
  expiresAtSeconds: Type.Integer({ description: "when DynamoDB deletes it, in seconds since 1970" }),
});
export type EventItem = Static<typeof EventItem>;

/** An event as those who see it report it. */
export type NewEvent = Pick<EventItem, "code" | "text" | "nodeId" | "by" | "detail">;

/** The most characters of a detail: an item of DynamoDB has 400 KB at most, and a page of a query 1 MB. */
const MAX_DETAIL = 32_768;

/** The item of an event that happens at `at`. `id`: at most 32 characters of [0-9a-z-]. Of a long detail the end is kept. Pure. */
export const eventItem = (event: NewEvent, id: string, at: Date): EventItem => ({
  ...event,
  ...(event.detail === undefined ? {} : { detail: event.detail.slice(-MAX_DETAIL) }),
  id,
  at: at.toISOString(),
  expiresAtSeconds: Math.floor(at.getTime() / 1_000) + EVENT_DAYS * 86_400,
});
