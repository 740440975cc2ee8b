import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import type { ServerIdentity } from "../contract/tls/authority.js";
import { schemaController } from "../schemas/compilers.js";
import type { AcceptedSecrets } from "./auth.js";
import { type ConnectionLimits, type Connections, limitConnections } from "./connections.js";
import { replyFrameworkError } from "./reply-errors.js";

/** What an app serves TLS with, and whose tokens it takes. */
export interface AppKeys extends AcceptedSecrets {
  identity(): Pick<ServerIdentity, "key" | "certificate">;
  /** Hears each identity that comes after. */
  onIdentity(heard: (identity: Pick<ServerIdentity, "key" | "certificate">) => void): void;
}

export interface SecuredAppOptions {
  readonly keys: AppKeys;
  readonly connections: ConnectionLimits;
  readonly bodyLimitBytes: number;
  /** From a request's first byte, or from the end of the TLS handshake, to its last byte. */
  readonly requestTimeoutMs: number;
  readonly log: Logger;
}

const HEADERS_TIMEOUT_MS = 10_000;
/** How often the two are checked. */
const CHECK_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;

/** An app over TLS with the node's certificate, whose connections are bounded. It has no route and no rule of access yet. */
export function securedApp({ keys, connections, bodyLimitBytes, requestTimeoutMs, log }: SecuredAppOptions): {
  readonly app: FastifyInstance;
  readonly connections: Connections;
} {
  const secured = fastify({
    loggerInstance: log as FastifyBaseLogger,
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    https: {
      ...secureContext(keys.identity()),
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
    forceCloseConnections: true,
    frameworkErrors: replyFrameworkError,
  });
  // Connections that are there keep what they have; the next ones get the new certificate.
  keys.onIdentity((identity) => secured.server.setSecureContext(secureContext(identity)));
  return {
    app: secured as unknown as FastifyInstance,
    connections: limitConnections(secured.server, connections),
  };
}

const secureContext = ({ key, certificate }: Pick<ServerIdentity, "key" | "certificate">) => ({
  ...{ key, cert: certificate },
  minVersion: "TLSv1.3" as const,
});
