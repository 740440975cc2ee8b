import { type Static, Type } from "@sinclair/typebox";
import { shownValue } from "./problems.js";
import { ATTEMPT_REASONS } from "./reasons/attempt.js";

/**
 * What a retry policy names beside reason codes. `failure`: every failure of the program, its source or its set-up; `node-loss`: every
 * failure of a node, or of what Muster runs on it.
 */
export const RETRY_CAUSES = ["failure", "node-loss"] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];
/** What a policy is where the request does not say. */
export const DEFAULT_RETRY = { delaySeconds: 10, on: ["node-loss"] } as const;
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

const isWord = (word: unknown): boolean =>
  RETRY_CAUSES.some((cause) => cause === word) ||
  (typeof word === "string" && Object.hasOwn(ATTEMPT_REASONS, word));

/** The problems of a policy that its schema can't find, a line each: words of `on` after which nothing would be tried again. Pure. */
export function* retryProblems(retries: unknown): Generator<string> {
  const on = typeof retries === "object" && retries !== null && "on" in retries ? retries.on : [];
  if (!Array.isArray(on) || on.length > RETRY_LIMITS.causes) return;
  for (const [index, word] of on.entries()) {
    if (!isWord(word))
      yield `retries.on.${index}: got ${shownValue(word)}; expected ${RETRY_CAUSES.join(", ")} or the code of an attempt's reason, such as timed-out`;
  }
}
