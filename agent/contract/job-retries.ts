import { type Static, Type } from "@sinclair/typebox";
import { DEFAULT_RETRY, RETRY_CAUSES, RETRY_LIMITS } from "./retry-policy.js";

/** How often a job that failed is tried again. A cancel and the job's own time limit are never retried. */
export const JobRetries = Type.Object(
  {
    count: Type.Integer({
      minimum: 1,
      maximum: RETRY_LIMITS.count,
      description: "attempts after the first one",
    }),
    delaySeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: RETRY_LIMITS.delaySeconds,
        description: `before each; default ${DEFAULT_RETRY.delaySeconds}`,
      }),
    ),
    on: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        minItems: 1,
        maxItems: RETRY_LIMITS.causes,
        description: `${RETRY_CAUSES.join(", ")}, or codes of an attempt's reasons; default ${DEFAULT_RETRY.on.join(", ")}`,
      }),
    ),
  },
  { additionalProperties: false },
);
export type JobRetries = Static<typeof JobRetries>;
