import type { FastifyInstance, FastifyRequest } from "fastify";
import { AgentError } from "../errors.js";

/** What the bodies of all requests under way may take: with what is made of them, a good part of the agent's heap of 96 MB. */
const BUDGET_BYTES = 8_000_000;

/**
 * Bounds what requests that are under way hold in memory. A body counts with its declared length, one of unknown length with its
 * route's limit, until its request is answered or gone. What does not fit any more is refused before it is read.
 */
export function budgetBodies(app: FastifyInstance): void {
  let heldBytes = 0;
  app.addHook("preParsing", async (request, reply) => {
    const bytes = declaredBytes(request);
    if (heldBytes + bytes > BUDGET_BYTES) throw new AgentError("overloaded", `${heldBytes} bytes`);
    heldBytes += bytes;
    let isHeld = true;
    const release = () => {
      if (isHeld) heldBytes -= bytes;
      isHeld = false;
    };
    reply.raw.once("finish", release).once("close", release);
  });
}

function declaredBytes({ headers, routeOptions }: FastifyRequest): number {
  const limit = routeOptions.bodyLimit ?? 0;
  if (headers["transfer-encoding"] !== undefined) return limit;
  const length = Number(headers["content-length"] ?? 0);
  return Number.isFinite(length) ? Math.min(length, limit) : limit;
}
