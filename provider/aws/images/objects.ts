import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { boundedText } from "../../../agent/contract/bounded-text.js";
import { recipeKey, reportKey } from "../../../agent/contract/image/names.js";
import { MAX_REPORT_BYTES, parseReport } from "../../../agent/contract/image/report.js";
import type { Images } from "../../client/image-ports.js";
import { failure } from "../../core/diagnostic.js";
import { callAws, isAwsError } from "../errors.js";
import type { AwsScope } from "../scope.js";
import type { ImagesSdk } from "../sdk/parts.js";
import { ownRecipe, RECIPE_FILE } from "./recipe-file.js";

/** What a bake reads and writes in the org's bucket. */
export function imageObjects(
  sdk: ImagesSdk,
  s3: S3Client,
  scope: AwsScope,
): Pick<Images, "putRecipe" | "putText" | "readReport"> {
  const aborting = { abortSignal: scope.signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> => callAws({ doing, ...scope }, run);
  return {
    async putRecipe(bucket, file) {
      const bytes = await readRecipe(file ?? ownRecipe());
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const place = { Bucket: bucket, Key: recipeKey(sha256) };
      await call(`put the image's recipe into bucket ${bucket}`, async () => {
        const put = new sdk.PutObjectCommand({ ...place, Body: bytes, IfNoneMatch: "*" });
        // It is there already: its name is its content.
        await s3.send(put, aborting).catch((error: unknown) => {
          if (!isAwsError(error, "PreconditionFailed", "ConditionalRequestConflict")) throw error;
        });
      });
      return sha256;
    },

    async putText(bucket, key, text) {
      await call(`put ${key} into bucket ${bucket}`, () =>
        s3.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: text }), aborting),
      );
    },

    readReport: (bucket, image) =>
      call(`read the report of image ${image} in bucket ${bucket}`, async () => {
        try {
          const get = new sdk.GetObjectCommand({ Bucket: bucket, Key: reportKey(image) });
          const { Body, ContentLength = 0 } = await s3.send(get, aborting);
          if (ContentLength > MAX_REPORT_BYTES) return `has ${ContentLength} bytes`;
          const stream = Body as AsyncIterable<Uint8Array> | undefined;
          return stream === undefined
            ? null
            : parseReport(await boundedText(stream, MAX_REPORT_BYTES), image);
        } catch (error) {
          if (isAwsError(error, "NoSuchKey", "NotFound")) return null;
          throw error;
        }
      }),
  };
}

async function readRecipe(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw failure(
      "image-recipe-missing",
      "The image's recipe can't be read",
      `${file}: ${(error as Error).message}. In a checkout, npm run build makes dist/${RECIPE_FILE}; else give recipe_file.`,
      ["recipe_file"],
    );
  }
}
