import type { FastifyInstance } from "fastify";
import { ReadyzReply } from "../contract/http.js";

/** GET /healthz: the agent runs. GET /readyz: 200, or 503 with the names of the failing probes. Both are open and say no more. */
export function addProbeRoutes(app: FastifyInstance, failingProbes: () => readonly string[]): void {
  app.get("/healthz", async () => ({ up: true }));
  app.get(
    "/readyz",
    { schema: { response: { 200: ReadyzReply, 503: ReadyzReply } } },
    async (_request, reply) => {
      const failing = [...failingProbes()];
      return reply.code(failing.length === 0 ? 200 : 503).send({ ready: failing.length === 0, failing });
    },
  );
}
