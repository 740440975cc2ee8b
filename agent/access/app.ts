import { Type } from "@sinclair/typebox";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import { schemaController } from "../schemas/compilers.js";
import type { HostKeys } from "./host-keys.js";

const HOST = "^[A-Za-z0-9.-]{1,253}$";

/**
 * The app behind the host keys' socket, for ssh on this node: the lines of known_hosts for a node of this cluster, 404 for any other host.
 * What it says is public, and it changes nothing.
 */
export function buildHostKeysApp(hostKeys: HostKeys, log: Logger): FastifyInstance {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: 1,
  }) as unknown as FastifyInstance;
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 503;
    if (status >= 500) log.warn({ reason: reasonOf(error) }, "a node's host key can't be read");
    return reply
      .code(status)
      .type("text/plain")
      .send(`${reasonOf(error)}\n`);
  });
  const params = Type.Object({ host: Type.String({ pattern: HOST }) });
  app.get<{ Params: { host: string } }>(
    "/v1/known-hosts/:host",
    { schema: { params } },
    async (request, reply) => {
      const lines = await hostKeys.linesFor(request.params.host);
      reply.type("text/plain");
      if (lines.length === 0) return reply.code(404).send("no node of this cluster\n");
      return reply.send(`${lines.join("\n")}\n`);
    },
  );
  return app;
}
