import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { JOB_LIMITS } from "../contract/job-request.js";
import type { PreparationFailure } from "../jobs/ports.js";
import { ENVIRONMENT_KEY_PATTERN } from "./key.js";
import type { PrepareNode } from "./node.js";

/** The path of a head's request to get a node ready for a launch; role peer. */
export const PREPARATION_PATH = "/v1/preparations";

const closed = { additionalProperties: false } as const;
const PreparationBody = Type.Object(
  {
    jobId: Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" }),
    attempt: Type.Integer({ minimum: 1 }),
    environment: Type.Union([Type.String({ pattern: ENVIRONMENT_KEY_PATTERN }), Type.Null()]),
    setup: Type.Union([
      Type.Object(
        {
          command: Type.Array(Type.String(), { minItems: 1, maxItems: JOB_LIMITS.words }),
          timeoutSeconds: Type.Integer({ minimum: 1, maximum: JOB_LIMITS.timeoutSeconds }),
          folder: Type.String({ pattern: "^/" }),
          variables: Type.Record(Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }), Type.String(), closed),
        },
        closed,
      ),
      Type.Null(),
    ]),
  },
  closed,
);

/** The answer of `POST /v1/preparations`; null: the node is ready. */
export interface PreparationAnswer {
  readonly failure: PreparationFailure | null;
}

/** A job's item may have 400 KB, of which JSON makes more. */
const MAX_BODY_BYTES = 2_400_000;

/**
 * Adds `POST /v1/preparations`: brings a job's environment to this node and runs its set-up, and answers when that is over. It ends
 * when the head hangs up.
 */
export function addPreparationRoute(
  app: FastifyInstance,
  { prepare }: { readonly prepare: PrepareNode },
): void {
  app.post<{ Body: Static<typeof PreparationBody> }>(
    PREPARATION_PATH,
    { bodyLimit: MAX_BODY_BYTES, schema: { body: PreparationBody } },
    async (request, reply): Promise<PreparationAnswer> => {
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      return { failure: await prepare(request.body, gone.signal) };
    },
  );
}
