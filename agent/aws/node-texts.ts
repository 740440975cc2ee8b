import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { nodeTextKey } from "../contract/names.js";

const TIMEOUT_MS = 10_000;

/** Stores what a node leaves, in the log bucket; gives the s3:// URI. What was there before is replaced. */
export type StoreNodeText = (
  instanceId: string,
  name: "console.log" | "journal.log",
  text: string,
) => Promise<string>;

/** Makes no call. */
export function createNodeTexts({
  client,
  bucket,
  clusterUuid,
}: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clusterUuid: string;
}): StoreNodeText {
  return async (instanceId, name, Body) => {
    const Key = nodeTextKey(clusterUuid, instanceId, name);
    const put = new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: "text/plain; charset=utf-8" });
    await client.send(put, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    return `s3://${bucket}/${Key}`;
  };
}
