import { join } from "node:path";

/**
 * The folders of the local clouds: `<root>/cache` outlives every cloud (tools, image), `<root>/clouds/<name>` is one cloud's
 * and is removed with it. Several clouds may run at once.
 */
const DEFAULT_ROOT = "/var/lib/muster-local";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of everything local; MUSTER_LOCAL_DIR overrides it. Absolute. */
export const localRoot = (environment: Environment = process.env): string =>
  environment["MUSTER_LOCAL_DIR"] || DEFAULT_ROOT;

/** The folder of what is made or downloaded once and used by all clouds. */
export const cacheRoot = (environment: Environment = process.env): string =>
  join(localRoot(environment), "cache");
