/** How large a job's source may be. */
export const SOURCE_LIMITS = {
  urlCharacters: 2_048,
  referenceCharacters: 250,
  pathCharacters: 1_024,
  /** Unpacked, with everything that Git keeps of it. */
  bytes: 10_737_418_240,
  files: 200_000,
  /** A packed folder, as it is sent. */
  bundleBytes: 1_073_741_824,
  fetchTimeoutSeconds: 900,
} as const;

/** The name of credentials that the org keeps in SSM: see gitCredentialName. */
export const CREDENTIALS_NAME_PATTERN = "^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$";

/** `s3://bucket/key`. */
export const S3_URI_PATTERN = "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$";
/** `/shared`, or a folder below it. */
export const SHARED_PATH_PATTERN = "^/shared(?:/.*)?$";
/** In hex. */
export const SHA256_PATTERN = "^[0-9a-f]{64}$";

/** A path below a folder, completing "it ...": relative, without `.`, `..` and empty steps, so that it can't leave the folder. */
export function innerPathProblem(path: string): string | null {
  if (path.includes("\0")) return "holds a NUL character";
  if (path.startsWith("/")) return "must be relative to the source's folder";
  const isPlain = path.split("/").every((step) => step !== "" && step !== "." && step !== "..");
  return isPlain ? null : "must have no empty step, no . and no ..";
}
