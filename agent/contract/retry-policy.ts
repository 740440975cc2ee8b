/** What a retry policy names beside reason codes: every failure of the program or its source; every loss of a node. */
export const RETRY_CAUSES = ["failure", "node-loss"] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];
export const RETRY_LIMITS = { count: 10, delaySeconds: 3_600, causes: 32 } as const;
/** The pause before another attempt where a request does not say. */
export const DEFAULT_RETRY_DELAY_SECONDS = 10;
