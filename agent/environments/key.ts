import { createHash } from "node:crypto";

/** Changes with the way in which environments are made: older ones are not used then. */
const FORMAT = 1;
export const ENVIRONMENT_KEY_PATTERN = "^[0-9a-f]{32}$";

/** All that an environment follows from. */
export interface EnvironmentInputs {
  /** The requirements file, the lists that it includes, and uv's settings beside it: by name, their texts. */
  readonly files: ReadonlyMap<string, string>;
  /** SHA-256 over the packages in the source that the files name; null: they name none. */
  readonly packages: string | null;
  /** The image: Python's version, its packages, the platform, its settings of the package index. */
  readonly image: string;
}

/** The name of the environment that follows from the inputs: 32 hex digits of a SHA-256. Pure. */
export function environmentKey({ files, packages, image }: EnvironmentInputs): string {
  const all = JSON.stringify([FORMAT, [...files].sort(([a], [b]) => (a < b ? -1 : 1)), packages, image]);
  return createHash("sha256").update(all).digest("hex").slice(0, 32);
}
