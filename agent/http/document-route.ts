import type { FastifyInstance } from "fastify";
import { AgentError } from "../errors.js";

export const DOCUMENT_PATH = "/v1/openapi.json";

/** GET /v1/openapi.json, on any node: this API as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html), as this agent has it. */
export function addDocumentRoute(app: FastifyInstance, read: () => Promise<Buffer | null>): void {
  app.get(DOCUMENT_PATH, async (_request, reply) => {
    const document = await read();
    if (document === null) throw new AgentError("not-found", "the API's document beside the agent");
    return reply.type("application/json; charset=utf-8").send(document);
  });
}
