import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { attemptLogPrefix } from "../contract/names.js";
import { reasonOf } from "../errors.js";
import { LogRefusedError } from "../jobs/log-deliveries.js";
import type { AttemptId, LogDelivery } from "../jobs/ports.js";
import { credentials } from "./table.js";

export interface LogDeliveryDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clusterUuid: string;
  /** Opens an attempt's output; null if there is none. */
  openOutput(of: AttemptId): Promise<FileHandle | null>;
}

const OUTPUT_PART = "output.log";
const MANIFEST = "manifest.json";
const UPLOAD_TIMEOUT_MS = 600_000;
const PART_BYTES = 8_388_608;
/** S3's error codes that another try won't change: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const LASTING = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "InvalidBucketName",
  "KMS.DisabledException",
  "KMS.NotFoundException",
  "NoSuchBucket",
  "PermanentRedirect",
]);

/** The client of S3. Credentials come from the environment or the instance's role. Makes no call. */
export const openBuckets = (region: string): S3Client =>
  new S3Client({
    region,
    credentials,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 120_000 },
  });

/**
 * Delivers logs to S3: `output.log` as a stream (at most one part of 8 MiB in memory), then `manifest.json`, which
 * shows that the log is complete. The checksum is computed over the bytes that are sent.
 */
export function createLogDelivery(deps: LogDeliveryDeps): LogDelivery {
  const { client, bucket, clusterUuid } = deps;

  async function upload(
    prefix: string,
    file: FileHandle,
    signal: AbortSignal,
  ): Promise<{ bytes: number; sha256: string }> {
    const hash = createHash("sha256");
    let bytes = 0;
    async function* measured(): AsyncGenerator<Buffer> {
      // From the start each time: a second try reads the file again.
      for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
        const block = chunk as Buffer;
        hash.update(block);
        bytes += block.length;
        yield block;
      }
    }
    const body = Readable.from(measured(), { objectMode: false });
    const params = {
      Bucket: bucket,
      Key: `${prefix}${OUTPUT_PART}`,
      Body: body,
      ContentType: "text/plain; charset=utf-8",
    };
    const running = new Upload({ client, params, queueSize: 1, partSize: PART_BYTES });
    const abort = () => void running.abort();
    const timer = setTimeout(abort, UPLOAD_TIMEOUT_MS);
    signal.addEventListener("abort", abort);
    try {
      await running.done();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      body.destroy();
    }
    return { bytes, sha256: hash.digest("hex") };
  }

  async function putManifest(prefix: string, manifest: object): Promise<void> {
    const Body = `${JSON.stringify(manifest)}\n`;
    const Key = `${prefix}${MANIFEST}`;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: "application/json" }), {
      abortSignal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    });
  }

  return {
    async deliver({ jobId, attempt, exitCode }, signal) {
      const prefix = attemptLogPrefix(clusterUuid, jobId, attempt);
      const file = await deps.openOutput({ jobId, attempt });
      if (file === null) return null;
      try {
        const { bytes, sha256 } = await upload(prefix, file, signal);
        await putManifest(prefix, { parts: [OUTPUT_PART], bytes, sha256, exitCode, truncated: false });
        return { uri: `s3://${bucket}/${prefix}${OUTPUT_PART}`, bytes, sha256 };
      } catch (error) {
        throw error instanceof Error && LASTING.has(error.name)
          ? new LogRefusedError(`${bucket}: ${error.name}: ${reasonOf(error)}`, { cause: error })
          : error;
      } finally {
        await file.close();
      }
    },
  };
}
