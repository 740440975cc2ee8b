import { createHash } from "node:crypto";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { AttemptItem } from "../../agent/contract/job-attempt.js";
import { attemptLogPrefix } from "../../agent/contract/names.js";
import type { Expected } from "./fault.js";

/** What a manifest says, as far as is checked here. Each part is named by its key, or by what follows the prefix in it. */
interface Manifest {
  readonly parts: readonly (string | { readonly key: string })[];
  readonly bytes: number;
  readonly sha256: string;
  readonly exitCode: number | null;
  readonly truncated: boolean;
}

/** What is wrong with the delivered log of an attempt, in words: its manifest against its bytes, and its lines against the program. */
export async function logProblems(
  region: string,
  attempt: AttemptItem,
  { isLogWhole = true }: Pick<Expected, "isLogWhole">,
): Promise<readonly string[]> {
  const of = `the log of attempt ${attempt.number}`;
  if (attempt.logState !== "delivered" || attempt.log === null) return [`${of} is ${attempt.logState}`];
  const { bytes, manifest } = await readLog(region, attempt, new URL(attempt.log.uri).host);
  const said = { bytes: manifest.bytes, sha256: manifest.sha256, exitCode: manifest.exitCode };
  const is = {
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    exitCode: attempt.exitCode,
  };
  return [
    ...(JSON.stringify(said) === JSON.stringify(is)
      ? []
      : [`${of} is ${JSON.stringify(is)}, its manifest says ${JSON.stringify(said)}`]),
    ...(manifest.truncated ? [`${of} is truncated`] : []),
    ...(isLogWhole ? lineProblems(bytes.toString("utf8"), attempt.status === "FINISHED", of) : []),
  ];
}

async function readLog(region: string, attempt: AttemptItem, Bucket: string) {
  const s3 = new S3Client({ region, forcePathStyle: true });
  const prefix = attemptLogPrefix(attempt.clusterUuid, attempt.jobId, attempt.number);
  const read = async (key: string): Promise<Uint8Array> => {
    const Key = key.startsWith(prefix) ? key : `${prefix}${key}`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Body === undefined ? new Uint8Array() : Body.transformToByteArray();
  };
  const manifest = JSON.parse(Buffer.from(await read("manifest.json")).toString()) as Manifest;
  const parts: Uint8Array[] = [];
  for (const part of manifest.parts) parts.push(await read(typeof part === "string" ? part : part.key));
  return { bytes: Buffer.concat(parts), manifest };
}

/** Every step's line is there once and in order. Two launches of one attempt would show here. */
export function lineProblems(log: string, isDone: boolean, of: string): readonly string[] {
  const lines = log.split("\n").filter((line) => /^(step \d+|done)$/.test(line));
  const steps = lines.filter((line) => line !== "done");
  const wrong = steps.findIndex((line, index) => line !== `step ${index + 1}`);
  return [
    ...(steps.length === 0 ? [`${of} has no step`] : []),
    ...(wrong < 0 ? [] : [`${of} has "${steps[wrong]}" as its line ${wrong + 1}`]),
    ...(isDone && lines.at(-1) !== "done" ? [`${of} does not end with "done"`] : []),
  ];
}
