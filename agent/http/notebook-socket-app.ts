import websocket from "@fastify/websocket";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { MpiKernels } from "../notebook/mpi-kernels.js";
import { addMpiRoutes } from "../notebook/mpi-routes.js";
import { schemaController } from "../schemas/compilers.js";
import { addActivityRoutes } from "./activity-routes.js";
import type { AppDeps } from "./app.js";
import { budgetBodies } from "./body-budget.js";
import { addEventRoutes } from "./event-routes.js";
import { addJobRoutes } from "./job-routes.js";
import { takeJsonOnly } from "./json-body.js";
import { addLogRoutes } from "./log-routes.js";
import { addNotebookClusterRoute } from "./notebook-cluster-route.js";
import { addProbeRoutes } from "./probes-routes.js";
import { replyErrors, replyFrameworkError } from "./reply-errors.js";
import { addStatusRoute } from "./status-route.js";

/** What the app needs: of the agent's own API, what a notebook may use. */
export interface NotebookSocketDeps
  extends Pick<AppDeps, "failingProbes" | "status" | "activity" | "jobs" | "logs" | "events" | "log"> {
  /** Who submits the jobs that come this way: see notebookSubmitter. */
  readonly submitter: string;
  readonly mpiKernels: Pick<MpiKernels, "take" | "beat" | "release">;
}

const BODY_LIMIT_BYTES = 1_000_000;
const MESSAGE_LIMIT_BYTES = 65_536;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 256;

/**
 * The app behind NOTEBOOK_SOCKET, for what runs in the notebook: the routes of the agent's API for jobs, logs, status and history, and
 * those of MPI kernels. It asks for no token: the socket's file mode is the guard, and its jobs are the notebook's.
 */
export async function buildNotebookSocketApp(deps: NotebookSocketDeps): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    frameworkErrors: replyFrameworkError,
  }) as unknown as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;
  await app.register(websocket, { options: { maxPayload: MESSAGE_LIMIT_BYTES } });
  app.decorateRequest("role", null);
  replyErrors(app);
  budgetBodies(app);
  takeJsonOnly(app);
  addProbeRoutes(app, deps.failingProbes);
  addStatusRoute(app, deps.status);
  addActivityRoutes(app, deps.activity);
  addJobRoutes(app, { ...deps.jobs, submitter: deps.submitter });
  addLogRoutes(app, deps.logs);
  addEventRoutes(app, deps.events);
  addMpiRoutes(app, deps.mpiKernels);
  addNotebookClusterRoute(app, {
    ...{ submitter: deps.submitter, status: deps.status },
    ...{ clusterUuid: deps.jobs.clusterUuid, readCluster: deps.jobs.readCluster },
  });
  return app;
}
