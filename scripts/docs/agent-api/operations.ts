import { type TSchema, Type } from "@sinclair/typebox";
import { JobRequest, LOG_HEADERS, StatusReply } from "../../../agent/contract/http.js";
import { JOB_STATUSES } from "../../../agent/contract/job-state.js";

/** What the API's document says of a route beyond the route's own schemas. */
export interface Operation {
  /** The name of the function in a client that is generated. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: "Probes" | "Cluster" | "Jobs" | "Logs" | "Events" | "Agent";
  /** Of a body that the route checks by itself. */
  readonly body?: TSchema;
  /** Of parameters that the route reads by itself. */
  readonly query?: TSchema;
  /** Of a successful answer that is not made by a schema. */
  readonly answer?: { readonly mediaType: string; readonly schema: TSchema };
  /** Headers of a successful answer, and what each says. */
  readonly headers?: Readonly<Record<string, string>>;
}

const Command = Type.Union([
  JobRequest.properties.command,
  Type.String({ description: "split into words, as docs/guides/jobs.md says; no shell" }),
]);
const SubmittedJob = Type.Object(
  { ...JobRequest.properties, command: Command },
  { additionalProperties: false },
);
const ListQuery = Type.Object({
  status: Type.Optional(Type.Union(JOB_STATUSES.map((status) => Type.Literal(status)))),
  limit: Type.Optional(Type.String({ description: "1 to 200; default 20" })),
});
const Bytes = Type.String({ format: "binary" });
const FOLLOWS =
  "A WebSocket. Close code 1000: the end; 4500: the node can't read any more, so follow again from where it ended.";

/** By `METHOD /path`. Each route of clients has one, and there is none for a route that is not there. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /healthz": {
    ...{ operationId: "isAlive", tag: "Probes", summary: "Whether the agent runs" },
    answer: { mediaType: "application/json", schema: Type.Object({ up: Type.Literal(true) }) },
  },
  "GET /readyz": {
    ...{ operationId: "isReady", tag: "Probes", summary: "Whether each probe of the node passes" },
    description: "503 while one fails, with the names of those that do.",
  },
  "GET /v1/status": {
    ...{ operationId: "getStatus", tag: "Cluster", summary: "The cluster, its head and its nodes" },
    description: "From the memory of any node: no call to AWS. `ageMs` says how old the oldest of it is.",
    answer: { mediaType: "application/json", schema: StatusReply },
  },
  "GET /v1/activity": {
    ...{ operationId: "getActivity", tag: "Cluster", summary: "What keeps the cluster from parking" },
    description: "Each source of activity, its last time, and the time that is left.",
  },
  "POST /v1/activity/keep-alive": {
    ...{
      operationId: "keepAlive",
      tag: "Cluster",
      summary: "Keeps the cluster from parking for some minutes",
    },
  },
  "POST /v1/jobs": {
    ...{ operationId: "submitJob", tag: "Jobs", summary: "Submits a job", body: SubmittedJob },
    description:
      "The same `idempotency-key` gives the same job, with 200 in place of 201, through whichever node or way it comes.",
  },
  "GET /v1/jobs": {
    ...{
      operationId: "listJobs",
      tag: "Jobs",
      summary: "The cluster's jobs, the latest first",
      query: ListQuery,
    },
  },
  "GET /v1/jobs/:id": { operationId: "getJob", tag: "Jobs", summary: "A job" },
  "GET /v1/jobs/:id/attempts": {
    ...{ operationId: "listAttempts", tag: "Jobs", summary: "A job's attempts, the first one first" },
  },
  "POST /v1/jobs/:id/cancel": {
    ...{ operationId: "cancelJob", tag: "Jobs", summary: "Ends a job" },
    description: "200: it has ended. 202: the head ends it now.",
  },
  "POST /v1/nudge": {
    ...{ operationId: "nudge", tag: "Jobs", summary: "Asks the head to look at its queue now" },
    description: "For those who write to the registry themselves.",
    answer: { mediaType: "application/json", schema: Type.Object({}) },
  },
  "GET /v1/jobs/:id/logs": {
    ...{ operationId: "readLog", tag: "Logs", summary: "Bytes of an attempt's output" },
    description:
      "`offset`, `limit` and `tail` count bytes; `tail` goes with neither of the others. At most 1 MiB comes: ask again from the next offset.",
    answer: { mediaType: "application/octet-stream", schema: Bytes },
    headers: {
      [LOG_HEADERS.attempt]: "the attempt whose output it is",
      [LOG_HEADERS.offset]: "of the first byte",
      [LOG_HEADERS.nextOffset]: "ask for it next",
      [LOG_HEADERS.totalBytes]: "of the output as it is now",
      [LOG_HEADERS.complete]: "true: the attempt has ended, and there is nothing after this answer",
    },
  },
  "GET /v1/jobs/:id/logs/follow": {
    ...{ operationId: "followLog", tag: "Logs", summary: "Follows an attempt's output" },
    description: `${FOLLOWS} The output comes in binary messages, cut anywhere, and then one text message: the end, as JSON.`,
  },
  "GET /v1/events": {
    operationId: "listEvents",
    tag: "Events",
    summary: "The cluster's history, the first event first",
  },
  "GET /v1/events/follow": {
    ...{ operationId: "followEvents", tag: "Events", summary: "Follows the cluster's history" },
    description: `${FOLLOWS} Each event is a text message, as JSON.`,
  },
  "GET /metrics": {
    ...{ operationId: "getMetrics", tag: "Agent", summary: "Figures for Prometheus" },
    answer: { mediaType: "text/plain", schema: Type.String() },
  },
  "GET /v1/openapi.json": {
    ...{ operationId: "getDocument", tag: "Agent", summary: "This document" },
    answer: { mediaType: "application/json", schema: Type.Unknown() },
  },
};
