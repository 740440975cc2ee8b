import type { FastifyInstance } from "fastify";
import { type NodeFacts, PREFLIGHT_PATH, PreflightQuestion } from "./node-facts.js";

export interface PreflightRouteDeps {
  /** This node's facts, with what the file of that nonce says here. Bounded. */
  facts(nonce: string): Promise<NodeFacts>;
}

/** Adds `POST /v1/preflight`: a head asks what this node is before it launches a job. */
export function addPreflightRoute(app: FastifyInstance, { facts }: PreflightRouteDeps): void {
  app.post<{ Body: PreflightQuestion }>(
    PREFLIGHT_PATH,
    { schema: { body: PreflightQuestion } },
    (request): Promise<NodeFacts> => facts(request.body.nonce),
  );
}
