import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { setupLogKey } from "../contract/names.js";
import type { PutSetupLog } from "../environments/setup-logs.js";
import { putStream } from "./put-stream.js";

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
    // The set-up has ended by now: its file does not grow any more.
    const { size: ContentLength } = await stat(path);
    const hash = createHash("sha256");
    await pipeline(bytesOf(path, ContentLength), hash, { signal });
    await putStream(
      client,
      {
        ...{ Bucket: bucket, Key: setupLogKey({ clusterUuid, jobId, attempt, node }), ContentLength },
        ...{ ContentType: "text/plain; charset=utf-8", sha256: hash.digest("hex") },
      },
      bytesOf(path, ContentLength),
      AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    );
  };
}

/** The file's first `length` bytes; it is opened when they are asked for. */
async function* bytesOf(path: string, length: number): AsyncGenerator<Buffer> {
  if (length > 0) yield* createReadStream(path, { end: length - 1 });
}
