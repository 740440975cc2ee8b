import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { Clock } from "../clock.js";
import { runLogPrefix } from "../contract/names.js";
import type { JobLog } from "../contract/registry.js";
import type { LogDelivery } from "../jobs/ports.js";

export interface LogDeliveryDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clusterUuid: string;
  readonly clock: Pick<Clock, "sleep">;
  /** Opens a job's output; null where there is none. */
  openOutput(jobId: string): Promise<FileHandle | null>;
}

const OUTPUT_PART = "output.log";
const MANIFEST = "manifest.json";
/** The first try at once, then after each pause; the whole is given up after UPLOAD_TIMEOUT_MS per try. */
const PAUSES_MS = [1_000, 2_000, 4_000];
const UPLOAD_TIMEOUT_MS = 600_000;
const PART_BYTES = 8_388_608;

/**
 * Delivers logs to S3: `output.log` as a stream (at most one part of 8 MiB in memory), then `manifest.json`, which so
 * says that the log is whole. The sum is taken of the very bytes that are sent.
 */
export function createLogDelivery(deps: LogDeliveryDeps): LogDelivery {
  const { client, bucket, clusterUuid, clock } = deps;

  async function upload(prefix: string, file: FileHandle): Promise<{ bytes: number; sha256: string }> {
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
    const timer = setTimeout(() => void running.abort(), UPLOAD_TIMEOUT_MS);
    try {
      await running.done();
    } finally {
      clearTimeout(timer);
      body.destroy();
    }
    return { bytes, sha256: hash.digest("hex") };
  }

  async function deliverOnce(prefix: string, jobId: string, exitCode: number | null): Promise<JobLog | null> {
    const file = await deps.openOutput(jobId);
    if (file === null) return null;
    try {
      const { bytes, sha256 } = await upload(prefix, file);
      const manifest = { parts: [OUTPUT_PART], bytes, sha256, exitCode, truncated: false };
      const Body = `${JSON.stringify(manifest)}\n`;
      const Key = `${prefix}${MANIFEST}`;
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: "application/json" }),
        { abortSignal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS) },
      );
      return { uri: `s3://${bucket}/${prefix}${OUTPUT_PART}`, bytes, sha256 };
    } finally {
      await file.close();
    }
  }

  return {
    async deliver({ jobId, run, exitCode }) {
      const prefix = runLogPrefix(clusterUuid, jobId, run);
      for (const pauseMs of PAUSES_MS) {
        try {
          return await deliverOnce(prefix, jobId, exitCode);
        } catch {
          await clock.sleep(pauseMs);
        }
      }
      return deliverOnce(prefix, jobId, exitCode);
    },
  };
}
