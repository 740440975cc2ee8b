import { reasonOf } from "../errors.js";
import { SourceError } from "../jobs/ports.js";

/** The parts of an SDK's error that are used. */
interface BucketError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/**
 * What a failed call of S3 means for a source. To HeadBucket S3 answers without a body, so that its errors have a status only.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function bucketError(what: string, region: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { name = "", $metadata, $response } = error as BucketError;
  const status = $metadata?.httpStatusCode ?? 0;
  const bucketRegion = $response?.headers?.["x-amz-bucket-region"];
  const cause = { cause: error };
  if (status === 301 || (bucketRegion !== undefined && bucketRegion !== region))
    return new SourceError(
      "source-refused",
      `${what} is in ${bucketRegion ?? "another region"}, and the cluster is in ${region}: copy the source to a bucket there`,
      cause,
    );
  if (status === 404) return new SourceError("source-not-found", `there is no ${what}`, cause);
  if (status === 403)
    return new SourceError(
      "source-refused",
      `the cluster may not read ${what}: list the bucket under its sourceBuckets in muster.yaml, and check the bucket's own policy and key`,
      cause,
    );
  if (status === 412)
    return new SourceError("source-unusable", `${what} has changed since the first attempt`, cause);
  if (status >= 500 || status === 0)
    return new SourceError(
      "source-unreachable",
      `S3 does not give ${what}: ${name}: ${reasonOf(error)}`,
      cause,
    );
  return new SourceError("source-failed", `${what}: ${name}: ${reasonOf(error)}`, cause);
}
