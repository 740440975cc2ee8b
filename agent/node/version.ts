/** Replaced by the build with package.json's version. */
declare const MUSTER_VERSION: string | undefined;

/** The agent's version; "development" when it runs from its sources. */
export const AGENT_VERSION: string = typeof MUSTER_VERSION === "string" ? MUSTER_VERSION : "development";
