import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { Bundles, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

const PART_BYTES = 8_388_608;

/** Packed folders in the org's log bucket. At most one part of 8 MiB is in memory. */
export function bucketBundles(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Bundles {
  const client = new S3Client({ ...clientSettings(opening, version), forcePathStyle: true });
  const call = callsOf(client, "S3", opening, env);
  const { signal } = opening;
  return {
    has: ({ bucket: Bucket, key: Key }) =>
      call(`look for s3://${Bucket}/${Key}`, async () => {
        try {
          await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal });
          return true;
        } catch (error) {
          if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404)
            return false;
          throw error;
        }
      }),
    put: ({ bucket: Bucket, key: Key }, Body) =>
      call(`write s3://${Bucket}/${Key}`, async () => {
        const params = { Bucket, Key, Body, ContentType: "application/gzip" };
        const running = new Upload({ client, params, queueSize: 1, partSize: PART_BYTES });
        const abort = () => void running.abort();
        signal.addEventListener("abort", abort);
        try {
          await running.done();
        } finally {
          signal.removeEventListener("abort", abort);
        }
      }),
  };
}
