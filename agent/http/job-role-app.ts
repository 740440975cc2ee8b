import { createHash, timingSafeEqual } from "node:crypto";
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  fastify,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { JOB_ROLE_PATH } from "../contract/job-role.js";
import { AgentError } from "../errors.js";
import type { JobRole } from "../jobs/job-role.js";
import { schemaController } from "../schemas/compilers.js";

export interface JobRoleAppDeps {
  /** What every request must show. */
  readonly token: string;
  readonly role: Pick<JobRole, "credentials">;
  readonly log: Logger;
}

/** More than the largest machines have ranks. What comes beyond is closed. */
const MAX_CONNECTIONS = 1_024;
const MAX_HEADER_BYTES = 8_192;
const TIMEOUT_MS = 5_000;

/**
 * The app behind the job role's endpoint, which is at 127.0.0.1 only. It answers as AWS SDKs expect of a container's credentials
 * endpoint, errors too (`code`, `message`). No request is logged.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function buildJobRoleApp({ token, role, log }: JobRoleAppDeps): FastifyInstance {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: TIMEOUT_MS },
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    keepAliveTimeout: TIMEOUT_MS,
  }) as unknown as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;
  app.addHook("onRequest", async ({ headers }, reply) => {
    if (isSame(headers.authorization ?? "", token)) return;
    const message = "Send the text of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE as the header authorization.";
    return reply.code(401).send({ code: "unauthenticated", message });
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error instanceof AgentError)
      return reply.code(error.status).send({ code: error.code, message: `${error.message} ${error.hint}` });
    return reply.code(error.statusCode ?? 500).send({ code: "request-invalid", message: "Use GET." });
  });
  app.get(JOB_ROLE_PATH, async (_request, reply) => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = role.credentials();
    return reply.header("cache-control", "no-store").send({
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: expiration.toISOString(),
    });
  });
  return app;
}

/** Takes the same time wherever they differ. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
