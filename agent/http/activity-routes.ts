import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { type ClusterActivity, KEEP_ALIVE_MINUTES } from "../contract/activity.js";
import { ActivityReply, viewActivity } from "../contract/activity-view.js";
import { keepAlive } from "../contract/keep-alive.js";
import type { ClusterControl } from "../contract/park.js";
import type { ClusterItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";

/** What the routes need. */
export interface ActivityRoutesDeps {
  readonly clusterUuid: string;
  /** The cluster as it was moments ago. */
  readCluster(): Promise<ClusterItem | null>;
  readonly control: Pick<ClusterControl, "readCluster" | "perform">;
  /** As this node saw it just now, if it is head; else null: then what the head has written counts. */
  seen(): ClusterActivity | null;
  now(): Date;
}

export const KEEP_ALIVE_PATH = "/v1/activity/keep-alive";

const KeepAliveRequest = Type.Object(
  { minutes: Type.Integer({ minimum: KEEP_ALIVE_MINUTES.least, maximum: KEEP_ALIVE_MINUTES.most }) },
  { additionalProperties: false },
);
const KeepAliveReply = Type.Object({ keepAliveUntil: Type.String() });

/** `GET /v1/activity` and `POST /v1/activity/keep-alive`, on any node. */
export function addActivityRoutes(app: FastifyInstance, deps: ActivityRoutesDeps): void {
  app.get(
    "/v1/activity",
    { schema: { response: { 200: ActivityReply } } },
    async (): Promise<ActivityReply> => {
      const cluster = await deps.readCluster();
      if (cluster === null) throw new AgentError("not-found", `cluster ${deps.clusterUuid} in the registry`);
      return viewActivity(cluster, deps.now(), deps.seen() ?? cluster.activity);
    },
  );
  app.post<{ Body: Static<typeof KeepAliveRequest> }>(
    KEEP_ALIVE_PATH,
    { schema: { body: KeepAliveRequest, response: { 200: KeepAliveReply } } },
    async ({ body }) => {
      const kept = await keepAlive(deps.clusterUuid, deps.control, body.minutes, deps.now());
      if (kept.is === "closed") throw new AgentError("cluster-closed", "REMOVING");
      if (kept.is === "parked") throw new AgentError("keep-alive-parked", deps.clusterUuid);
      return { keepAliveUntil: kept.until.toISOString() };
    },
  );
}
