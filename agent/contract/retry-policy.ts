/**
 * What a retry policy names beside reason codes. `failure`: every failure of the program, its source or its set-up; `node-loss`: every
 * failure of a node, or of what Muster runs on it.
 */
export const RETRY_CAUSES = ["failure", "node-loss"] as const;
/** What a policy is where the request does not say. */
export const DEFAULT_RETRY = { delaySeconds: 10, on: ["node-loss"] } as const;
export const RETRY_LIMITS = { count: 10, delaySeconds: 3_600, causes: 32 } as const;
