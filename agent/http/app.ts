import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { NUDGE_PATH } from "../contract/nudge.js";
import { OFFER_PATH } from "../contract/offer.js";
import { addPreparationRoute, PREPARATION_PATH } from "../environments/node-route.js";
import { LAST_WORDS_PATH } from "../head/last-words.js";
import { addJobHostRoute, JOB_HOST_PATH, type JobHostRouteDeps } from "../jobs/host-route.js";
import { PREFLIGHT_PATH } from "../jobs/node-facts.js";
import { addOfferRoute, type OfferRouteDeps } from "../jobs/offer-route.js";
import { addPreflightRoute, type PreflightRouteDeps } from "../jobs/preflight-route.js";
import { addHoldRoute, type ClusterHold, HOLD_PATH } from "../notebook/cluster-hold.js";
import { addHomesRoute, HOMES_PATH, type HomeLeases } from "../notebook/homes.js";
import { PEER_PATH } from "../peers/messages.js";
import type { PeerHub } from "../peers/peer-socket.js";
import type { Metrics } from "../watching/metrics.js";
import { type ActivityRoutesDeps, addActivityRoutes, KEEP_ALIVE_PATH } from "./activity-routes.js";
import { type AccessTable, enforceAccess } from "./auth.js";
import { budgetBodies } from "./body-budget.js";
import type { ConnectionLimits } from "./connections.js";
import { addDocumentRoute, DOCUMENT_PATH } from "./document-route.js";
import { addEventRoutes, EVENT_FOLLOW_PATH, EVENTS_PATH, type EventRoutesDeps } from "./event-routes.js";
import { addJobRoutes, type JobRoutesDeps } from "./job-routes.js";
import { takeJsonOnly } from "./json-body.js";
import { addLastWordsRoute, type KeepJournal } from "./last-words-route.js";
import { addLogRoutes, LOG_FOLLOW_PATH, LOGS_PATH, type LogRoutesDeps } from "./log-routes.js";
import { addMetricsRoute, METRICS_PATH } from "./metrics-route.js";
import { addNudgeRoute } from "./nudge-route.js";
import { addProbeRoutes } from "./probes-routes.js";
import { replyErrors } from "./reply-errors.js";
import { type AppKeys, securedApp } from "./secured.js";
import { addStatusRoute, type StatusSource } from "./status-route.js";

/** Who may use which route. A route that is not listed here can't be added. */
export const ACCESS: AccessTable = {
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /v1/status": ["reader", "operator"],
  "GET /v1/activity": ["reader", "operator"],
  [`POST ${KEEP_ALIVE_PATH}`]: ["operator"],
  "POST /v1/jobs": ["operator"],
  "GET /v1/jobs": ["reader", "operator"],
  "GET /v1/jobs/:id": ["reader", "operator"],
  "GET /v1/jobs/:id/attempts": ["reader", "operator"],
  "POST /v1/jobs/:id/cancel": ["operator"],
  [`POST ${NUDGE_PATH}`]: ["nudge", "operator"],
  [`GET ${LOGS_PATH}`]: ["reader", "operator"],
  [`GET ${LOG_FOLLOW_PATH}`]: ["reader", "operator"],
  [`GET ${METRICS_PATH}`]: ["reader", "operator"],
  [`GET ${EVENTS_PATH}`]: ["reader", "operator"],
  [`GET ${EVENT_FOLLOW_PATH}`]: ["reader", "operator"],
  [`GET ${DOCUMENT_PATH}`]: ["reader", "operator"],
  "POST /v1/launch": ["peer"],
  "POST /v1/launch/awaited": ["peer"],
  [`POST ${JOB_HOST_PATH}`]: ["peer"],
  [`POST ${PREPARATION_PATH}`]: ["peer"],
  [`POST ${PREFLIGHT_PATH}`]: ["peer"],
  [`POST ${OFFER_PATH}`]: ["peer", "submitter"],
  [`POST ${LAST_WORDS_PATH}`]: ["peer"],
  [`POST ${HOMES_PATH}`]: ["peer"],
  [`POST ${HOLD_PATH}`]: ["peer"],
  [`GET ${PEER_PATH}`]: ["peer"],
};

/** Its WebSockets. */
const UPGRADES: readonly string[] = [
  `GET ${PEER_PATH}`,
  `GET ${LOG_FOLLOW_PATH}`,
  `GET ${EVENT_FOLLOW_PATH}`,
];

/** What a cluster does for the notebooks that are attached to it. */
interface NotebookRoutesDeps {
  readonly hold: Pick<ClusterHold, "ask">;
  readonly homes: Pick<HomeLeases, "renew">;
}

export interface AppDeps {
  readonly keys: AppKeys;
  failingProbes(): readonly string[];
  readonly status: StatusSource;
  readonly activity: ActivityRoutesDeps;
  readonly jobs: JobRoutesDeps;
  readonly logs: LogRoutesDeps;
  readonly events: EventRoutesDeps;
  readonly metrics: Metrics;
  /** The API's OpenAPI document, as JSON; null: this agent was not built with one. Read anew each time: few ask for it. */
  openApiDocument(): Promise<Buffer | null>;
  readonly peers: PeerHub;
  readonly jobHost: JobHostRouteDeps;
  readonly preparations: Parameters<typeof addPreparationRoute>[1];
  readonly preflight: PreflightRouteDeps;
  readonly offers: OfferRouteDeps;
  readonly keepJournal: KeepJournal;
  readonly notebooks: NotebookRoutesDeps;
  /** Adds the routes of launches. */
  addLaunchRoute(app: FastifyInstance): void;
  readonly connections: ConnectionLimits;
  readonly log: Logger;
}

const BODY_LIMIT_BYTES = 1_000_000;
const PEER_MESSAGE_LIMIT_BYTES = 65_536;
/** From a request's first byte, or from the end of the TLS handshake, to its last byte. */
const REQUEST_TIMEOUT_MS = 30_000;

/** The agent's HTTP API over TLS, complete but not yet listening. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { app, connections } = securedApp({
    ...{ keys: deps.keys, connections: deps.connections, log: deps.log },
    bodyLimitBytes: BODY_LIMIT_BYTES,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  await app.register(websocket, { options: { maxPayload: PEER_MESSAGE_LIMIT_BYTES } });
  replyErrors(app);
  enforceAccess(app, {
    table: ACCESS,
    upgrades: UPGRADES,
    secrets: deps.keys,
    onProven: connections.trust,
  });
  budgetBodies(app);
  takeJsonOnly(app);
  addClientRoutes(app, deps);
  addPeerRoutes(app, deps);
  return app;
}

/** The routes of clients, which the API's OpenAPI document describes. */
export function addClientRoutes(app: FastifyInstance, deps: AppDeps): void {
  addProbeRoutes(app, deps.failingProbes);
  addStatusRoute(app, deps.status);
  addActivityRoutes(app, deps.activity);
  addJobRoutes(app, deps.jobs);
  addNudgeRoute(app, deps.jobs.nudge);
  addLogRoutes(app, deps.logs);
  addEventRoutes(app, deps.events);
  addMetricsRoute(app, deps.metrics);
  addDocumentRoute(app, deps.openApiDocument);
}

/** The routes of the cluster's own agents, and of what stands in for one. */
function addPeerRoutes(app: FastifyInstance, deps: AppDeps): void {
  deps.addLaunchRoute(app);
  addJobHostRoute(app, deps.jobHost);
  addPreparationRoute(app, deps.preparations);
  addPreflightRoute(app, deps.preflight);
  addOfferRoute(app, deps.offers);
  addLastWordsRoute(app, deps.keepJournal);
  addHomesRoute(app, deps.notebooks.homes);
  addHoldRoute(app, deps.notebooks.hold);
  app.get(PEER_PATH, { websocket: true }, (socket) => deps.peers.accept(socket));
}
