import type { FastifyInstance, FastifyRequest } from "fastify";
import { AgentError } from "../errors.js";

/** Limit of the bodies of all requests in progress. With the objects made from them, it is a good part of the agent's heap of 96 MB. */
const BUDGET_BYTES = 8_000_000;

/**
 * Bounds the memory of requests in progress. A body counts with its declared length, or with its route's limit if the length is
 * unknown, until its request is answered or gone. A body that does not fit is refused before it is read.
 */
export function budgetBodies(app: FastifyInstance): void {
  let heldBytes = 0;
  app.addHook("preParsing", (request, reply, payload, done) => {
    const bytes = declaredBytes(request);
    // Most requests have none, and they are many.
    if (bytes === 0) return done(null, payload);
    if (heldBytes + bytes > BUDGET_BYTES) return done(new AgentError("overloaded", `${heldBytes} bytes`));
    heldBytes += bytes;
    let isHeld = true;
    const release = () => {
      if (isHeld) heldBytes -= bytes;
      isHeld = false;
    };
    reply.raw.once("finish", release).once("close", release);
    done(null, payload);
  });
}

function declaredBytes(request: FastifyRequest): number {
  const { headers } = request;
  const [coding, declared] = [headers["transfer-encoding"], headers["content-length"]];
  if (coding === undefined && declared === undefined) return 0;
  const limit = request.routeOptions.bodyLimit ?? 0;
  if (coding !== undefined) return limit;
  const length = Number(declared);
  return Number.isFinite(length) ? Math.min(length, limit) : limit;
}
