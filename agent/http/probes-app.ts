import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { schemaController } from "../schemas/compilers.js";
import { type ConnectionLimits, limitConnections } from "./connections.js";
import { addProbeRoutes } from "./probes-routes.js";
import { replyErrors, replyFrameworkError } from "./reply-errors.js";

export interface ProbesAppDeps {
  failingProbes(): readonly string[];
  readonly connections: ConnectionLimits;
  readonly log: Logger;
}

const TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 8_192;

/**
 * /healthz and /readyz without TLS, for what can't check a certificate, such as a load balancer: nothing else, on a port of its own. It
 * takes no body and no upgrade, and keeps a connection for five seconds at most.
 */
export function buildProbesApp({ failingProbes, connections, log }: ProbesAppDeps): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: 1,
    requestTimeout: TIMEOUT_MS,
    keepAliveTimeout: TIMEOUT_MS,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_MS / 5,
    },
    forceCloseConnections: true,
    frameworkErrors: replyFrameworkError,
  });
  limitConnections(app.server, { ...connections, handshakeMs: null });
  replyErrors(app);
  addProbeRoutes(app, failingProbes);
  return app;
}
