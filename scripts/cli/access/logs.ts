import { Readable } from "node:stream";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { failure } from "../core/exit.js";
import type { Logs, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** The delivered logs in the org's bucket, as streams. */
export function bucketLogs(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Logs {
  const client = new S3Client({ ...clientSettings(opening, version), forcePathStyle: true });
  const call = callsOf(client, "S3", opening, env);
  return {
    open(uri) {
      const { hostname, pathname } = new URL(uri);
      const get = new GetObjectCommand({ Bucket: hostname, Key: decodeURIComponent(pathname.slice(1)) });
      return call(
        `read ${uri}`,
        async () => {
          const { Body } = await client.send(get, { abortSignal: opening.signal });
          return Body === undefined ? Readable.from([]) : (Body as Readable);
        },
        async ({ name }) =>
          name === "NoSuchKey" || name === "NoSuchBucket"
            ? failure(`${uri} does not exist any more: was the log deleted?`)
            : null,
      );
    },
  };
}
