import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  GetObjectCommand,
  HeadBucketCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { bundleKey } from "../contract/names.js";
import { innerPathProblem } from "../contract/source-policy.js";
import { SourceError } from "../jobs/ports.js";
import type { ArchiveKind, FetchLimits, SourceArchive, SourceObjects } from "../sources/ports.js";
import { bucketError } from "./source-errors.js";
import { hashedAs, packed } from "./source-streams.js";

export interface SourceObjectsDeps {
  readonly client: S3Client;
  /** The cluster's. */
  readonly region: string;
  readonly logBucket: string;
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** One object of a prefix. */
interface Listed {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
}

/** Sources in S3, read with the node's role. What comes is a stream: nothing is kept. */
export function createSourceObjects({ client, region, logBucket }: SourceObjectsDeps): SourceObjects {
  async function call<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw bucketError(what, region, error);
    }
  }

  /** S3 says where a bucket is, also to whom asks in another region. */
  async function checkRegion(Bucket: string, signal: AbortSignal): Promise<void> {
    const found = await call(`bucket ${Bucket}`, () =>
      client.send(new HeadBucketCommand({ Bucket }), { abortSignal: signal }),
    );
    if (found.BucketRegion !== undefined && found.BucketRegion !== region)
      throw new SourceError(
        "source-refused",
        `bucket ${Bucket} is in ${found.BucketRegion}, and the cluster is in ${region}: copy the source to a bucket there`,
      );
  }

  async function get(place: Place, version: string | null, limits: FetchLimits) {
    const { VersionId, IfMatch } = pinOf(version);
    const what = `s3://${place.Bucket}/${place.Key}`;
    const command = new GetObjectCommand({
      ...place,
      ...(VersionId === undefined ? {} : { VersionId }),
      ...(IfMatch === undefined ? {} : { IfMatch }),
    });
    const answer = await call(what, () => client.send(command, { abortSignal: limits.signal }));
    const bytes = answer.ContentLength ?? 0;
    const body = (answer.Body ?? Readable.from([])) as Readable;
    if (bytes > limits.bytes) {
      body.destroy();
      throw new SourceError("source-too-large", `${what} has ${bytes} bytes; allowed: ${limits.bytes}`);
    }
    return { body, bytes, version: versionOf(answer) };
  }

  async function list({ Bucket, Key }: Place, limits: FetchLimits): Promise<Listed[]> {
    const what = `s3://${Bucket}/${Key}`;
    const found: Listed[] = [];
    let bytes = 0;
    await call(what, async () => {
      const pages = paginateListObjectsV2(
        { client },
        { Bucket, Prefix: Key },
        { abortSignal: limits.signal },
      );
      for await (const { Contents = [] } of pages)
        for (const { Key: key = "", ETag: etag = "", Size = 0 } of Contents) {
          // What consoles make as a folder.
          if (key.endsWith("/")) continue;
          bytes += Size;
          found.push({ key, etag, bytes: Size });
          if (found.length > limits.files || bytes > limits.bytes)
            throw new SourceError(
              "source-too-large",
              `${what} has more than ${limits.files} objects or ${limits.bytes} bytes`,
            );
        }
    });
    if (found.length === 0) throw new SourceError("source-not-found", `nothing is below ${what}`);
    return found;
  }

  async function openPrefix(
    place: Place,
    version: string | null,
    limits: FetchLimits,
  ): Promise<SourceArchive> {
    const found = await list(place, limits);
    const digest = `list:${digestOf(found)}`;
    if (version !== null && version !== digest)
      throw new SourceError(
        "source-unusable",
        `what is below s3://${place.Bucket}/${place.Key} has changed since the first attempt`,
      );
    const entries = found.map(({ key, etag }) => ({
      name: checkedName(key.slice(place.Key.length), key),
      open: () => get({ ...place, Key: key }, `etag:${etag}`, limits),
    }));
    return { version: digest, kind: "tar", body: packed(entries) };
  }

  return {
    async open(uri, version, limits) {
      const place = placeOf(uri);
      await checkRegion(place.Bucket, limits.signal);
      if (place.Key.endsWith("/")) return openPrefix(place, version, limits);
      const kind = archiveKind(place.Key);
      const object = await get(place, version, limits);
      if (kind !== null) return { version: object.version, kind, body: object.body };
      const name = checkedName(place.Key.split("/").at(-1) ?? "", place.Key);
      const body = packed([{ name, open: async () => object }]);
      return { version: object.version, kind: "tar", body };
    },
    async openBundle({ clusterUuid, sha256 }, limits) {
      const place = { Bucket: logBucket, Key: bundleKey(clusterUuid, sha256) };
      const { body } = await get(place, null, limits);
      return { version: sha256, kind: "tar", body: hashedAs(body, sha256) };
    },
  };
}

const placeOf = (uri: string): Place => {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  return { Bucket, Key };
};

function archiveKind(key: string): ArchiveKind | null {
  if (/\.zip$/i.test(key)) return "zip";
  return /\.(?:tar|tar\.gz|tgz)$/i.test(key) ? "tar" : null;
}

/** In a bucket with versions, the version; else the ETag. */
const versionOf = ({
  VersionId,
  ETag = "",
}: {
  VersionId?: string | undefined;
  ETag?: string | undefined;
}) => (VersionId === undefined || VersionId === "null" ? `etag:${ETag}` : VersionId);

function pinOf(version: string | null): { readonly VersionId?: string; readonly IfMatch?: string } {
  if (version === null) return {};
  return version.startsWith("etag:") ? { IfMatch: version.slice("etag:".length) } : { VersionId: version };
}

function checkedName(name: string, key: string): string {
  const problem = innerPathProblem(name);
  if (problem === null) return name;
  throw new SourceError(
    "source-unusable",
    `the object ${JSON.stringify(key.slice(0, 200))} can't be a file: its name ${problem}`,
  );
}

const digestOf = (found: readonly Listed[]): string =>
  createHash("sha256")
    .update(found.map(({ key, etag }) => JSON.stringify([key, etag])).join("\n"))
    .digest("hex");
