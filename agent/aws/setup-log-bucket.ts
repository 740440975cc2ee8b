import { createReadStream } from "node:fs";
import type { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { setupLogKey } from "../contract/names.js";
import type { PutSetupLog } from "../environments/setup-logs.js";

const TIMEOUT_MS = 120_000;

/** Puts the output of a set-up on `node` beside the output of its job's attempt, in the log bucket. */
export function createSetupLogBucket({
  client,
  bucket,
  clusterUuid,
  node,
}: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clusterUuid: string;
  /** An instance's id. */
  readonly node: string;
}): PutSetupLog {
  return async ({ jobId, attempt, path }, signal) => {
    signal.throwIfAborted();
    const body = createReadStream(path);
    const params = {
      Bucket: bucket,
      Key: setupLogKey({ clusterUuid, jobId, attempt, node }),
      Body: body,
      ContentType: "text/plain; charset=utf-8",
    };
    const upload = new Upload({ client, params, queueSize: 1 });
    const abort = () => void upload.abort();
    const timer = setTimeout(abort, TIMEOUT_MS);
    signal.addEventListener("abort", abort);
    try {
      await upload.done();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      body.destroy();
    }
  };
}
