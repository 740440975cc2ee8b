import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  type LogManifest,
  manifestKey,
  offsetOfPart,
  parseManifest,
  partKey,
} from "../contract/log-parts.js";
import { attemptLogPrefix } from "../contract/names.js";
import { reasonOf } from "../errors.js";
import { LogRefusedError } from "../jobs/log-deliveries.js";
import type { AttemptId } from "../jobs/ports.js";
import type { LogBucket, ProvedPart } from "../logs/ports.js";
import { putStream } from "./put-stream.js";
import { requestHandler } from "./request-handler.js";
import { credentials } from "./table.js";

export interface LogBucketDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clusterUuid: string;
}

const CALL_TIMEOUT_MS = 20_000;
const PART_TIMEOUT_MS = 120_000;
/** A manifest names 80,000 parts in that: 700 GB of output. It is held in the agent's memory. */
const MANIFEST_LIMIT_BYTES = 16_777_216;
/** Of delivered logs that are read on this node. */
const MANIFESTS_KEPT = 4;
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
    requestHandler: requestHandler({ connectionTimeout: 5_000, requestTimeout: PART_TIMEOUT_MS }),
  });

/** The cluster's logs in S3. Makes no call. */
export function createLogBucket({ client, bucket, clusterUuid }: LogBucketDeps): LogBucket {
  const prefixOf = ({ jobId, attempt }: AttemptId) => attemptLogPrefix(clusterUuid, jobId, attempt);
  const manifests = new Map<string, Promise<LogManifest>>();

  async function call<T>(
    signal: AbortSignal,
    timeoutMs: number,
    run: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    // No AbortSignal.any: each would leave something behind at a signal that lives as long as the agent.
    const ending = new AbortController();
    const abort = () => ending.abort(signal.reason);
    const late = new Error(`the bucket did not answer in ${timeoutMs / 1000} s`);
    const timer = setTimeout(() => ending.abort(late), timeoutMs);
    signal.addEventListener("abort", abort);
    try {
      signal.throwIfAborted();
      return await run(ending.signal);
    } catch (error) {
      throw ending.signal.aborted ? ending.signal.reason : asRefusal(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  function asRefusal(error: unknown): unknown {
    if (!(error instanceof Error) || !LASTING.has(error.name)) return error;
    return new LogRefusedError(`${bucket}: ${error.name}: ${reasonOf(error)}`, { cause: error });
  }

  /** Null: a part with that offset was there before. */
  async function put(Key: string, part: ProvedPart, body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    const { bytes: ContentLength, sha256 } = part;
    const of = { Bucket: bucket, Key, ContentLength, ContentType: "application/octet-stream", sha256 };
    try {
      await putStream(client, { ...of, IfNoneMatch: "*" }, body, signal);
      return ContentLength;
    } catch (error) {
      if (error instanceof Error && error.name === "PreconditionFailed") return null;
      throw error;
    }
  }

  async function readManifest(of: AttemptId): Promise<LogManifest> {
    const Key = manifestKey(prefixOf(of));
    const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }), {
      abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    if (ContentLength > MANIFEST_LIMIT_BYTES) throw new Error(`${Key} has ${ContentLength} bytes`);
    const manifest = parseManifest((await Body?.transformToString()) ?? "", Key);
    if (typeof manifest === "string") throw new Error(`${Key}: ${manifest}`);
    return manifest;
  }

  /** Read once for the ranges of a log, which follow each other. */
  function manifestOf(of: AttemptId): Promise<LogManifest> {
    const key = prefixOf(of);
    const known = manifests.get(key);
    if (known !== undefined) return known;
    const [oldest] = manifests.keys();
    if (manifests.size >= MANIFESTS_KEPT && oldest !== undefined) manifests.delete(oldest);
    const reading = readManifest(of);
    manifests.set(key, reading);
    reading.catch(() => manifests.delete(key));
    return reading;
  }

  return {
    prefixOf: (of) => `s3://${bucket}/${prefixOf(of)}`,
    parts: (of, signal) =>
      call(signal, CALL_TIMEOUT_MS, async (abortSignal) => {
        const prefix = prefixOf(of);
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, { abortSignal });
        const parts = [];
        for await (const { Contents = [] } of pages)
          for (const { Key = "", Size: bytes = 0 } of Contents) {
            const offset = offsetOfPart(prefix, Key);
            if (offset !== null) parts.push({ offset, bytes });
          }
        return parts;
      }),
    async putPart(of, part, body, signal) {
      const Key = partKey(prefixOf(of), part.offset);
      const stored = await call(signal, PART_TIMEOUT_MS, (abortSignal) => put(Key, part, body, abortSignal));
      if (stored !== null) return stored;
      const head = new HeadObjectCommand({ Bucket: bucket, Key });
      const { ContentLength = 0 } = await call(signal, CALL_TIMEOUT_MS, (abortSignal) =>
        client.send(head, { abortSignal }),
      );
      return ContentLength;
    },
    async putManifest(of, manifest, signal) {
      const Key = manifestKey(prefixOf(of));
      const Body = `${JSON.stringify(manifest)}\n`;
      const command = new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: "application/json" });
      await call(signal, CALL_TIMEOUT_MS, (abortSignal) => client.send(command, { abortSignal }));
      return `s3://${bucket}/${Key}`;
    },
    async read(of, offset, maxBytes) {
      const { parts, bytes: total } = await manifestOf(of);
      let start = 0;
      for (const { key: Key, bytes } of parts) {
        const end = start + bytes;
        if (offset < end && maxBytes > 0) {
          const first = offset - start;
          const Range = `bytes=${first}-${Math.min(bytes, first + maxBytes) - 1}`;
          const get = new GetObjectCommand({ Bucket: bucket, Key, Range });
          const abortSignal = AbortSignal.timeout(CALL_TIMEOUT_MS);
          const { Body } = await client.send(get, { abortSignal });
          return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), total };
        }
        start = end;
      }
      return { bytes: new Uint8Array(), total };
    },
  };
}
