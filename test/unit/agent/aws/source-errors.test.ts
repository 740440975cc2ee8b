import { expect, test } from "@jest/globals";
import { bucketError } from "../../../../agent/aws/source-errors.js";
import { SourceError } from "../../../../agent/jobs/ports.js";

/** An error as the SDK throws it: without a body of S3's, HeadBucket's have a status and headers only. */
const sdkError = (
  httpStatusCode: number | undefined,
  headers: Record<string, string> = {},
  name = "UnknownError",
) =>
  Object.assign(new Error("what S3 said"), { name, $metadata: { httpStatusCode }, $response: { headers } });

test.each<[string, Error, string, RegExp]>([
  [
    "a bucket of another region",
    sdkError(301, { "x-amz-bucket-region": "eu-west-1" }),
    "source-refused",
    /^bucket b is in eu-west-1, and the cluster is in us-east-1: copy the source/,
  ],
  [
    "a bucket of another region, where the node may not look",
    sdkError(403, { "x-amz-bucket-region": "eu-west-1" }),
    "source-refused",
    /is in eu-west-1/,
  ],
  [
    "a bucket that is not listed",
    sdkError(403, { "x-amz-bucket-region": "us-east-1" }),
    "source-refused",
    /may not read bucket b: list the bucket under its sourceBuckets/,
  ],
  ["nothing", sdkError(404), "source-not-found", /^there is no bucket b$/],
  ["another version", sdkError(412), "source-unusable", /has changed since the first attempt/],
  ["a bad moment", sdkError(503, {}, "SlowDown"), "source-unreachable", /SlowDown: what S3 said/],
  ["no answer", sdkError(undefined, {}, "TimeoutError"), "source-unreachable", /TimeoutError/],
  ["anything else", sdkError(400, {}, "InvalidRequest"), "source-failed", /InvalidRequest/],
])("%s is the source's failure, with its code", (_name, error, code, message) => {
  const found = bucketError("bucket b", "us-east-1", error);
  expect(found).toMatchObject({ code, message: expect.stringMatching(message), cause: error });
});

test("a source's own failure stays", () => {
  const error = new SourceError("source-too-large", "x");
  expect(bucketError("bucket b", "us-east-1", error)).toBe(error);
});
