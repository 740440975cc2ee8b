import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { NUDGE_PATH } from "../contract/nudge.js";
import type { Nudge } from "../jobs/nudge.js";

const NudgeRequest = Type.Object(
  { jobId: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" })) },
  { additionalProperties: false },
);

/**
 * Adds `POST /v1/nudge`, on any node: the head looks at the job, or at the queue, now. It reads and writes nothing itself, and
 * `nudge` bounds how often the head looks. The answer does not say whether there is such a job, or a head.
 */
export function addNudgeRoute(app: FastifyInstance, nudge: (nudge: Nudge) => void): void {
  app.post<{ Body: Static<typeof NudgeRequest> }>(
    NUDGE_PATH,
    { schema: { body: NudgeRequest } },
    async ({ body }, reply) => {
      nudge({ jobId: body.jobId ?? null });
      return reply.code(202).send({});
    },
  );
}
