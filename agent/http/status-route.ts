import type { FastifyInstance } from "fastify";
import { AgentError } from "../errors.js";

/** The source of /v1/status. */
export interface StatusSource {
  readonly clusterUuid: string;
  /** A StatusReply as JSON, made once for many requests; null: there is no such cluster. */
  read(): Promise<Buffer | null>;
}

/** GET /v1/status: any node answers, from memory where it can. agent/status/ says from what. */
export function addStatusRoute(app: FastifyInstance, { clusterUuid, read }: StatusSource): void {
  app.get("/v1/status", async (_request, reply) => {
    const status = await read();
    if (status === null) throw new AgentError("not-found", `cluster ${clusterUuid} in the registry`);
    return reply.type("application/json; charset=utf-8").send(status);
  });
}
