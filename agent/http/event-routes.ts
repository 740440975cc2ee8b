import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { placeAt } from "../contract/events-query.js";
import { EventsReply } from "../contract/http.js";
import { AgentError } from "../errors.js";
import type { EventFeed, EventHistory } from "../watching/feed.js";
import { openFollowers } from "./followers.js";

export const EVENTS_PATH = "/v1/events";
export const EVENT_FOLLOW_PATH = "/v1/events/follow";

/** What the event routes need from the agent. */
export interface EventRoutesDeps {
  readonly history: EventHistory;
  readonly feed: EventFeed;
  now(): Date;
}

const Moment = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,3})?Z$" });
const Query = Type.Object(
  { since: Type.Optional(Moment), limit: Type.Optional(Type.String({ pattern: "^[1-9]\\d{0,2}$" })) },
  { additionalProperties: false },
);
type Query = Static<typeof Query>;
const FollowQuery = Type.Object({ since: Type.Optional(Moment) }, { additionalProperties: false });
type FollowQuery = Static<typeof FollowQuery>;

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 200;
/** GET /v1/events, and the WebSocket that follows the cluster's history: on any node. */
export function addEventRoutes(app: FastifyInstance, deps: EventRoutesDeps): void {
  const followers = openFollowers(app);

  app.get<{ Querystring: Query }>(
    EVENTS_PATH,
    { schema: { querystring: Query, response: { 200: EventsReply } } },
    async ({ query }) => {
      const limit = Math.min(Number(query.limit ?? DEFAULT_LIMIT), MAX_LIMIT);
      const events = await deps.history.after(placeOf(query), limit + 1);
      return { events: events.slice(0, limit), isWhole: events.length <= limit };
    },
  );

  app.get<{ Querystring: FollowQuery }>(
    EVENT_FOLLOW_PATH,
    {
      websocket: true,
      schema: { querystring: FollowQuery },
      preHandler: async (request) => {
        placeOf(request.query);
        followers.takePlace(request);
      },
    },
    (socket, request) =>
      void followers.serve(socket, request, "the history", (client) => {
        const { since } = request.query;
        const start = since === undefined ? placeAt(deps.now()) : placeOf({ since });
        return deps.feed.follow(start, (event) => client.send(JSON.stringify(event)), client.gone);
      }),
  );
}

/** Throws for a time that is none, like the 30th of February. */
function placeOf({ since }: Pick<Query, "since">): string {
  if (since === undefined) return "";
  const time = new Date(since);
  if (Number.isNaN(time.getTime()))
    throw new AgentError("request-invalid", `querystring.since is no time: ${since}`);
  return placeAt(time);
}
