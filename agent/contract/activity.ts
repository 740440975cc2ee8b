import { type Static, Type } from "@sinclair/typebox";
import { enumOf, Nullable, Time } from "./item-fields.js";

/** What keeps a cluster awake, and how each is known. */
const ACTIVITY_SOURCES = {
  job: "a job runs: from the moment a head takes it, so with its source, set-up and delivery",
  queue: "a job waits",
  schedule: "a schedule's slot is due soon",
  notebook: "a notebook is attached to a node, and works",
  ssh: "a person is logged in on a node",
  "keep-alive": "a person or a program asked for it, until a moment",
} as const satisfies Readonly<Record<string, string>>;
export type ActivitySource = keyof typeof ACTIVITY_SOURCES;
export const ACTIVITY_SOURCE_NAMES = Object.keys(ACTIVITY_SOURCES) as readonly ActivitySource[];

/** `unknown`: nothing can be said now. The cluster does not park while a source is unknown. */
const SOURCE_STATES = ["active", "idle", "unknown"] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

/** A source as the head last saw it. */
export const SourceActivity = Type.Object({
  source: enumOf<ActivitySource>(ACTIVITY_SOURCE_NAMES),
  state: enumOf<SourceState>(SOURCE_STATES),
  lastAt: Nullable(Type.String({ description: "when it was last active; null: it never was" })),
  detail: Nullable(Type.String({ description: "which job, how many sessions, why it is unknown" })),
});
export type SourceActivity = Static<typeof SourceActivity>;

/** META's `activity`: what the head last saw. It is written once a minute at most, and when a source begins or ends. */
export const ClusterActivity = Type.Object({
  observedAt: Time,
  /** The idle time counts from here. */
  idleSince: Time,
  parksAt: Nullable(Type.String({ description: "null: something is active or unknown, or it never parks" })),
  /** Written with the warning, so that one idle time has one. */
  warnedFor: Type.Optional(Type.String({ description: "the idleSince that was warned of" })),
  sources: Type.Array(SourceActivity),
});
export type ClusterActivity = Static<typeof ClusterActivity>;

/** How long a keep-alive may hold a cluster. */
export const KEEP_ALIVE_MINUTES = { least: 1, most: 1_440 } as const;

/** What a node's agent says of one source of activity, in each of its messages to the head. */
export const NodeActivity = Type.Object({
  source: Type.String({ minLength: 1, maxLength: 32, description: "ssh or notebook; others are ignored" }),
  /** Null: the node can't tell. */
  count: Type.Union([Type.Integer({ minimum: 0, maximum: 100_000 }), Type.Null()]),
  /** 0 while it is active; null: it has not been since the agent's start. */
  idleSeconds: Type.Union([Type.Integer({ minimum: 0, maximum: 31_536_000 }), Type.Null()]),
});
export type NodeActivity = Static<typeof NodeActivity>;
