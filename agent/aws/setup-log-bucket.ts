import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
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
  async function put(jobId: string, attempt: number, body: object, signal: AbortSignal): Promise<void> {
    const Key = setupLogKey({ clusterUuid, jobId, attempt, node });
    const command = new PutObjectCommand({
      ...{ Bucket: bucket, Key, ContentType: "text/plain; charset=utf-8" },
      ...body,
    });
    await client.send(command, {
      abortSignal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  }

  return async ({ jobId, attempt, path }, signal) => {
    signal.throwIfAborted();
    const { size: ContentLength } = await stat(path);
    if (ContentLength === 0) return put(jobId, attempt, { Body: "" }, signal);
    // A set-up has ended by now: its file does not grow any more.
    const body = createReadStream(path, { end: ContentLength - 1 });
    try {
      await put(jobId, attempt, { Body: body, ContentLength }, signal);
    } finally {
      body.destroy();
    }
  };
}
