import { type Static, Type } from "@sinclair/typebox";
import { EventItem } from "./event.js";
import { AttemptItem } from "./job-attempt.js";
import { JOB_STATUSES, type JobStatus } from "./job-state.js";
import { placeOf, shownValue } from "./problems.js";
import { ClusterItem, JobItem, JobRequest, NodeSummary } from "./registry.js";

/** The agent's HTTP API on port AGENT_PORT, over TLS. Each body is JSON; `authorization: Bearer <role token>` except for the probes. */

/** `GET /readyz`: 200 when every probe passes, else 503 with the names of those that fail. */
export const ReadyzReply = Type.Object({ ready: Type.Boolean(), failing: Type.Array(Type.String()) });

/**
 * What the head knows of its cluster, but for the nodes: the part of a status that is the same whichever node answers. A field that is
 * added here reaches every node by itself; it must be optional where a head of before is to be understood.
 */
export const StatusOfCluster = Type.Object({
  cluster: Type.Pick(ClusterItem, [
    ...(["uuid", "name", "clusterStatus", "phase", "reasonCode", "reason", "activity"] as const),
    ...(["notebooks", "shareWithNotebooks"] as const),
  ]),
  head: Type.Union([Type.Object({ id: Type.String(), address: Type.String() }), Type.Null()]),
  leaseGeneration: Type.Integer(),
  hostfile: Type.String({ description: "the path on every node" }),
  cores: Type.Integer(),
  jobs: Type.Object({
    running: Type.Union([Type.String(), Type.Null()]),
    queued: Type.Integer({ description: "of the 1,000 oldest jobs that have not ended" }),
    unreadable: Type.Array(Type.Object({ key: Type.String(), problem: Type.String() }), {
      description: "items of the queue that are not jobs; the head ends them as FAILED if it can",
    }),
  }),
});
export type StatusOfCluster = Static<typeof StatusOfCluster>;

/** Where a status comes from: the head's memory, or, on a node without a head, the registry, as the last head left it. */
export const STATUS_SOURCES = ["head", "registry"] as const;

/** `GET /v1/status`. Any node answers, from memory as long as it has a head: see agent/status/. */
export const StatusReply = Type.Object({
  node: Type.Object({ id: Type.String(), address: Type.String(), isHead: Type.Boolean() }),
  from: Type.Union(STATUS_SOURCES.map((source) => Type.Literal(source))),
  ageMs: Type.Integer({
    description: "how long ago the oldest of it was seen, by the head or in the registry",
  }),
  ...StatusOfCluster.properties,
  nodes: Type.Array(NodeSummary),
});
export type StatusReply = Static<typeof StatusReply>;

/**
 * `POST /v1/jobs` with header `idempotency-key` (1-200 characters): 201, or 200 with the job that the key made before. The body is a
 * JobRequest, whose `command`, and that of its `setup`, may also be one text: see command-words.ts.
 */
export const IDEMPOTENCY_HEADER = "idempotency-key";
export { JobRequest };
/** `GET /v1/jobs/:id` and `POST /v1/jobs`: the job, with the facts of its last attempt. */
export const JobReply = JobItem;
/** `GET /v1/jobs/:id/attempts`: all of them, the first one first. */
export const AttemptsReply = Type.Object({ attempts: Type.Array(AttemptItem) });

/** What `GET /v1/jobs?status=FAILED&limit=20` asks for. */
export interface JobListQuery {
  readonly status: JobStatus | null;
  readonly limit: number;
}
const LIST_LIMITS = { default: 20, most: 200 } as const;

/** The query's parameters, or every problem with them. Pure. */
export function readListQuery(
  query: Readonly<Record<string, unknown>>,
): JobListQuery | { readonly problems: string[] } {
  const { status = null, limit = String(LIST_LIMITS.default), ...rest } = query;
  const count = typeof limit === "string" && /^[1-9][0-9]{0,8}$/.test(limit) ? Number(limit) : 0;
  const problems = [
    ...(status === null || (JOB_STATUSES as readonly unknown[]).includes(status)
      ? []
      : [`querystring.status: got ${shownValue(status)}; expected ${JOB_STATUSES.join(", ")}`]),
    ...(count >= 1 && count <= LIST_LIMITS.most
      ? []
      : [
          `querystring.limit: got ${shownValue(limit)}; expected a whole number from 1 to ${LIST_LIMITS.most}`,
        ]),
    ...Object.keys(rest).map(
      (name) => `${placeOf("querystring", name)}: is no parameter; there are status and limit`,
    ),
  ];
  return problems.length > 0 ? { problems } : { status: status as JobStatus | null, limit: count };
}

/** A job in a list: what says how it is doing, without what it runs. */
export const JobListing = Type.Pick(JobItem, [
  "id",
  "definition",
  "status",
  "phase",
  "reasonCode",
  "reason",
  "submittedBy",
  "submittedAt",
  "slot",
  "sourceVersion",
  "retryAt",
  "attempt",
  "startedAt",
  "endedAt",
  "exitCode",
  "logState",
]);
export type JobListing = Static<typeof JobListing>;
/** `GET /v1/jobs`: the latest submitted first. */
export const JobListReply = Type.Object({
  jobs: Type.Array(JobListing),
  isWhole: Type.Boolean({ description: "false: the cluster has more jobs that fit the query" }),
});

/**
 * `GET /v1/jobs/:id/logs?attempt=&offset=&limit=|tail=`: bytes of an attempt's output, from any node; without `attempt` of the current or
 * last one. `offset`, `limit` and `tail` count bytes; an answer has LOG_LIMIT_BYTES at most. Its headers say where it is.
 */
export const LOG_LIMIT_BYTES = 1_048_576;
export const LOG_HEADERS = {
  attempt: "muster-log-attempt",
  /** Of the answer's first byte. */
  offset: "muster-log-offset",
  /** Ask for it next. */
  nextOffset: "muster-log-next-offset",
  /** Of the output as it is now. */
  totalBytes: "muster-log-total-bytes",
  /** "true": the attempt has ended, and there is nothing after this answer. */
  complete: "muster-log-complete",
} as const;

/**
 * The last message of `GET /v1/jobs/:id/logs/follow?attempt=&offset=`, a WebSocket: the output comes in binary messages, cut anywhere,
 * and then this one as text: the attempt has ended, and all was sent. Close code 1000 follows; 4500 means that the node can't read
 * the output any more: follow again from where the bytes ended.
 */
export const LOG_FOLLOW_END = "end";
const LogFollowEnd = Type.Object({
  type: Type.Literal(LOG_FOLLOW_END),
  job: Type.String(),
  attempt: Type.Integer(),
  ...Type.Pick(JobItem, ["status", "exitCode", "reasonCode", "reason"]).properties,
  offset: Type.Integer({ description: "after the last byte" }),
});
export type LogFollowEnd = Static<typeof LogFollowEnd>;

/**
 * `GET /v1/events?since=&limit=`: the cluster's history, the first event first; without `since` of all 30 days. The WebSocket
 * `GET /v1/events/follow?since=` sends each event as a text message with an EventItem, without `since` those that happen from then on;
 * close code 4500 means that the node can't read the history any more: follow again from the last event's time.
 */
export const EventsReply = Type.Object({
  events: Type.Array(EventItem),
  isWhole: Type.Boolean({ description: "false: there are more, from the last one's time on" }),
});

/** Every error's body. `code` is in the agent's registry of errors; `hint` is the next step. */
export const ErrorReply = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() }),
});
export type ErrorReply = Static<typeof ErrorReply>;
