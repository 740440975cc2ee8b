import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { LOG_HEADERS, LOG_LIMIT_BYTES } from "../contract/http.js";
import { AgentError } from "../errors.js";
import { followLog } from "../logs/follow.js";
import { isEnd, type LogViews } from "../logs/views.js";
import type { Clock } from "../time/clock.js";
import { openFollowers } from "./followers.js";

export const LOGS_PATH = "/v1/jobs/:id/logs";
export const LOG_FOLLOW_PATH = "/v1/jobs/:id/logs/follow";

/** What the log routes need from the agent. */
export interface LogRoutesDeps {
  readonly views: LogViews;
  readonly clock: Pick<Clock, "sleep">;
}

const JobParams = Type.Object({ id: Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" }) });
type JobParams = Static<typeof JobParams>;
/** Up to 2^53, so that no number loses a digit. */
const Count = Type.String({ pattern: "^(0|[1-9]\\d{0,14})$" });
const Query = Type.Object(
  {
    attempt: Type.Optional(Type.String({ pattern: "^[1-9]\\d{0,8}$" })),
    offset: Type.Optional(Count),
    limit: Type.Optional(Count),
    tail: Type.Optional(Count),
    rank: Type.Optional(Count),
  },
  { additionalProperties: false },
);
type Query = Static<typeof Query>;

/** Answers that are being read or sent; each holds LOG_LIMIT_BYTES at most. */
const ANSWERS_AT_ONCE = 8;
/** For a client that does not read its answer. */
const ANSWER_TIMEOUT_MS = 60_000;
/** GET /v1/jobs/:id/logs and the WebSocket that follows: on any node. Bytes are never decoded. */
export function addLogRoutes(app: FastifyInstance, deps: LogRoutesDeps): void {
  const { views } = deps;
  let answers = 0;
  const followers = openFollowers(app);

  app.get<{ Params: JobParams; Querystring: Query }>(
    LOGS_PATH,
    { schema: { params: JobParams, querystring: Query } },
    async (request, reply) => {
      const range = rangeIn(request.query);
      const of = await views.find(request.params.id, attemptIn(request.query));
      if (answers >= ANSWERS_AT_ONCE) throw new AgentError("overloaded", `${answers} parts of logs`);
      // A client that has left meanwhile would never give its place back.
      if (reply.raw.closed) return reply.hijack();
      answers += 1;
      const late = setTimeout(() => reply.raw.destroy(), ANSWER_TIMEOUT_MS);
      reply.raw.once("close", () => {
        answers -= 1;
        clearTimeout(late);
      });
      // Before the bytes: what is read after the end is all that there is.
      const record = await views.look(of);
      const { offset, slice } = await readRange(views, of, range);
      const { bytes, total } = slice ?? { bytes: new Uint8Array(), total: 0 };
      const next = offset + bytes.length;
      return reply
        .type("application/octet-stream")
        .headers({
          [LOG_HEADERS.attempt]: of.attempt,
          [LOG_HEADERS.offset]: offset,
          [LOG_HEADERS.nextOffset]: next,
          [LOG_HEADERS.totalBytes]: total,
          [LOG_HEADERS.complete]: String(isEnd(record, slice, next)),
          "cache-control": "no-store",
        })
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    },
  );

  app.get<{ Params: JobParams; Querystring: Query }>(
    LOG_FOLLOW_PATH,
    {
      websocket: true,
      schema: { params: JobParams, querystring: Query },
      // Before the upgrade, so that a client gets it as any other error.
      preHandler: async (request) => {
        rangeIn(request.query);
        await views.find(request.params.id, attemptIn(request.query));
        followers.takePlace(request);
      },
    },
    (socket, request) =>
      void followers.serve(socket, request, "a log", async (client) => {
        const of = await views.find(request.params.id, attemptIn(request.query));
        const end = await followLog(of, rangeIn(request.query).offset ?? 0, client, deps);
        if (end === null) return;
        await client.send(JSON.stringify(end));
        socket.close(1000, "the attempt has ended");
      }),
  );
}

interface Range {
  readonly offset?: number;
  readonly limit: number;
  readonly tail?: number;
}

const attemptIn = ({ attempt }: Query): number | null => (attempt === undefined ? null : Number(attempt));

/** Throws for what does not go together, and for a rank: mpiexec mixes the ranks' lines, and the output does not say whose each is. */
function rangeIn({ offset, limit, tail, rank }: Query): Range {
  if (rank !== undefined) throw new AgentError("rank-not-recorded", rank);
  if (tail !== undefined && (offset !== undefined || limit !== undefined))
    throw new AgentError("request-invalid", "querystring.tail goes with neither offset nor limit");
  const bytes = Number(tail ?? limit ?? LOG_LIMIT_BYTES);
  return {
    limit: Math.min(bytes, LOG_LIMIT_BYTES),
    ...(offset === undefined ? {} : { offset: Number(offset) }),
    ...(tail === undefined ? {} : { tail: Math.min(bytes, LOG_LIMIT_BYTES) }),
  };
}

async function readRange(views: LogViews, of: Parameters<LogViews["read"]>[0], range: Range) {
  let offset = range.offset ?? 0;
  if (range.tail !== undefined) {
    const whole = await views.read(of, 0, 0);
    offset = Math.max(0, (whole?.total ?? 0) - range.tail);
  }
  return { offset, slice: await views.read(of, offset, range.limit) };
}
