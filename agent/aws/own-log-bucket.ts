import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { ownLogKey } from "../contract/names.js";
import type { PutOwnLog } from "../logs/own-log.js";

const compress = promisify(gzip);

/** Puts pieces of the agent's own log, JSON lines under gzip, into the log bucket. `startedAt`: of this agent, so that none is overwritten. */
export function createOwnLogBucket({
  client,
  bucket,
  ...of
}: {
  readonly client: Pick<S3Client, "send">;
  readonly bucket: string;
  readonly clusterUuid: string;
  readonly instanceId: string;
  readonly startedAt: Date;
}): PutOwnLog {
  return async (piece, text, abortSignal) => {
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: ownLogKey({ ...of, piece }),
      Body: await compress(text),
      ContentType: "application/x-ndjson",
      ContentEncoding: "gzip",
    });
    await client.send(command, { abortSignal });
  };
}
