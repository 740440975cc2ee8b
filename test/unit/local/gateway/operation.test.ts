import { describe, expect, test } from "@jest/globals";
import { bucketOf, identifyOperation } from "../../../../scripts/local/gateway/operation.js";

const request = (
  method: string,
  url: string,
  service: string,
  extra: { form?: string; headers?: Record<string, string> } = {},
) => ({
  method,
  url,
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=test/20261123/eu-west-1/${service}/aws4_request, SignedHeaders=host`,
    host: "127.0.0.1:4566",
    ...extra.headers,
  },
  form: new URLSearchParams(extra.form),
});

describe("which operation a request is", () => {
  test.each([
    [
      "a Query call in the body",
      request("POST", "/", "ec2", { form: "Action=RunInstances&MinCount=1" }),
      "ec2",
      "RunInstances",
    ],
    [
      "a Query call in the URL",
      request("GET", "/?Action=ListUsers&Version=2010-05-08", "iam"),
      "iam",
      "ListUsers",
    ],
    [
      "a JSON call",
      request("POST", "/", "dynamodb", { headers: { "x-amz-target": "DynamoDB_20120810.PutItem" } }),
      "dynamodb",
      "PutItem",
    ],
    ["an S3 list of buckets", request("GET", "/", "s3"), "s3", "ListBuckets"],
    ["an S3 bucket's creation", request("PUT", "/logs", "s3"), "s3", "CreateBucket"],
    ["an S3 listing", request("GET", "/logs?list-type=2&prefix=a", "s3"), "s3", "ListObjectsV2"],
    ["an S3 policy", request("PUT", "/logs?policy", "s3"), "s3", "PutBucketPolicy"],
    ["an S3 versioning", request("GET", "/logs?versioning", "s3"), "s3", "GET ?versioning"],
    ["an S3 object", request("PUT", "/logs/a/b%20c?x-id=PutObject", "s3"), "s3", "PutObject"],
    ["an S3 part", request("PUT", "/logs/a?partNumber=1&uploadId=x", "s3"), "s3", "UploadPart"],
    [
      "an S3 object with its bucket in the host",
      request("GET", "/a", "s3", { headers: { host: "logs.s3.eu-west-1.amazonaws.com" } }),
      "s3",
      "GetObject",
    ],
    [
      "an S3 copy",
      request("PUT", "/logs/a", "s3", { headers: { "x-amz-copy-source": "logs/b" } }),
      "s3",
      "CopyObject",
    ],
    [
      "an EFS policy",
      request("DELETE", "/2015-02-01/file-systems/fs-1/policy", "elasticfilesystem"),
      "elasticfilesystem",
      "DeleteFileSystemPolicy",
    ],
    [
      "an EFS creation",
      request("POST", "/2015-02-01/file-systems", "elasticfilesystem"),
      "elasticfilesystem",
      "CreateFileSystem",
    ],
    ["an unknown REST call", request("GET", "/v1/things", "batch"), "batch", "GET /v1/things"],
  ])("%s", (_, given, service, action) => {
    expect(identifyOperation(given)).toEqual({ service, action, region: "eu-west-1" });
  });

  test("a presigned URL is recognised by its query", () => {
    const url = "/logs/a?X-Amz-Credential=test%2F20261123%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=x";
    const given = { method: "GET", url, headers: {}, form: new URLSearchParams() };
    expect(identifyOperation(given)).toEqual({ service: "s3", action: "GetObject", region: "eu-west-1" });
  });

  test("an unsigned request has an unknown service", () => {
    const given = { method: "GET", url: "/", headers: {}, form: new URLSearchParams() };
    expect(identifyOperation(given)).toMatchObject({ service: "unknown", action: "GET /" });
  });
});

test.each([
  ["/logs/key", {}, "logs"],
  ["/", {}, undefined],
  ["/key", { host: "my.logs.s3.amazonaws.com" }, "my.logs"],
])("the bucket of %s with %o is %s", (url, headers, bucket) => {
  expect(bucketOf({ url, headers })).toBe(bucket);
});
