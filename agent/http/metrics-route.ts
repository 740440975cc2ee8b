import type { FastifyInstance } from "fastify";
import type { Metrics } from "../watching/metrics.js";

export const METRICS_PATH = "/metrics";

/** GET /metrics, for Prometheus: each node answers for itself. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get(METRICS_PATH, async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.type(contentType).send(text);
  });
}
