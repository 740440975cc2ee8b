import { type Static, Type } from "@sinclair/typebox";

/** What a retry policy names beside reason codes: every failure of the program or its source; every loss of a node. */
export const RETRY_CAUSES = ["failure", "node-loss"] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];
export const RETRY_LIMITS = { count: 10, delaySeconds: 3_600, causes: 32 } as const;

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
        description: "before each; default 10",
      }),
    ),
    on: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        minItems: 1,
        maxItems: RETRY_LIMITS.causes,
        description: `${RETRY_CAUSES.join(", ")}, or codes of reasons; default node-loss`,
      }),
    ),
  },
  { additionalProperties: false },
);
export type JobRetries = Static<typeof JobRetries>;
