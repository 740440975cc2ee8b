import { Readable } from "node:stream";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { offsetOfPart, parseManifest, partKey } from "../../../agent/contract/log-parts.js";
import { failure } from "../core/exit.js";
import type { Logs, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** A manifest names 300,000 parts in that: 2.5 TB of output. */
const MANIFEST_LIMIT_BYTES = 67_108_864;

/** The logs in the org's bucket, as streams. */
export function bucketLogs(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Logs {
  const client = new S3Client({ ...clientSettings(opening, version), forcePathStyle: true });
  const call = callsOf(client, "S3", opening, env);
  const aborting = { abortSignal: opening.signal };

  async function get(Bucket: string, Key: string, skip: number): Promise<Readable> {
    const Range = skip === 0 ? undefined : `bytes=${skip}-`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }), aborting);
    return Body === undefined ? Readable.from([]) : (Body as Readable);
  }

  return {
    manifest: (uri) =>
      call(
        `read ${uri}`,
        async () => {
          const { bucket, key } = placeOf(uri);
          const manifest = parseManifest(await textOf(await get(bucket, key, 0), uri), key);
          if (typeof manifest === "string") throw failure(`${uri} can't be read: ${manifest}.`);
          return manifest;
        },
        async ({ name }) =>
          name === "NoSuchKey" || name === "NoSuchBucket"
            ? failure(`${uri} does not exist any more: was the log deleted?`)
            : null,
      ),
    part(prefix, offset, skip) {
      const { bucket, key } = placeOf(prefix);
      return call(`read the log's part at byte ${offset} below ${prefix}`, async () =>
        get(bucket, partKey(key, offset), skip).catch((error: Error) => {
          if (error.name === "NoSuchKey") return null;
          // There is the part, and nothing of it after these bytes.
          if (error.name === "InvalidRange") return Readable.from([]);
          throw error;
        }),
      );
    },
    parts(prefix) {
      const { bucket, key } = placeOf(prefix);
      return call(`list the log's parts below ${prefix}`, async () => {
        const parts = [];
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: key }, aborting);
        for await (const { Contents = [] } of pages)
          for (const { Key = "", Size: bytes = 0 } of Contents) {
            const offset = offsetOfPart(key, Key);
            if (offset !== null) parts.push({ offset, bytes });
          }
        return parts;
      });
    },
  };
}

function placeOf(uri: string): { readonly bucket: string; readonly key: string } {
  const { hostname, pathname } = new URL(uri);
  return { bucket: hostname, key: decodeURIComponent(pathname.slice(1)) };
}

async function textOf(stream: Readable, uri: string): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MANIFEST_LIMIT_BYTES) throw failure(`${uri} can't be read: it is too large for a manifest.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
