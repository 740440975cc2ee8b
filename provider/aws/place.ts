/** The AWS SDK, once it is loaded. */
export type Sdk = typeof import("./sdk.js");

/** Where an adapter is at work. */
export interface Place {
  readonly org: string;
  readonly region: string;
  readonly signal: AbortSignal;
}
