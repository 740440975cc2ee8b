import { createHash } from "node:crypto";
import { type LogManifest, type LogPart, manifestKey, partKey } from "../../../agent/contract/log-parts.js";
import { attemptLogPrefix } from "../../../agent/contract/names.js";
import type { AttemptId } from "../../../agent/jobs/ports.js";
import type { LogBucket, Outputs } from "../../../agent/logs/ports.js";
import { CLUSTER_UUID } from "./cluster-item.js";

/** Outputs in memory: a test appends to them, or takes them away. */
export function memoryOutputs() {
  const outputs = new Map<string, Buffer>();
  const keyOf = ({ jobId, attempt }: AttemptId) => `${jobId}/${attempt}`;
  const cut = (of: AttemptId, from: number, to: number) => {
    const bytes = outputs.get(keyOf(of))?.subarray(from, to);
    if (bytes?.length !== to - from) throw new Error(`the output ends before byte ${to}`);
    return bytes;
  };
  return {
    append(of: AttemptId, bytes: Uint8Array | string) {
      outputs.set(keyOf(of), Buffer.concat([outputs.get(keyOf(of)) ?? Buffer.alloc(0), Buffer.from(bytes)]));
    },
    remove: (of: AttemptId) => void outputs.delete(keyOf(of)),
    of: (of: AttemptId) => outputs.get(keyOf(of)) ?? Buffer.alloc(0),
    outputs: {
      measure: async (of) => outputs.get(keyOf(of))?.length ?? null,
      flush: async () => {},
      scan: async (of, from, to, see) => see(cut(of, from, to)),
      async *pieces(of, from, to) {
        yield cut(of, from, to);
      },
      async read(of, offset, maxBytes) {
        const bytes = outputs.get(keyOf(of));
        return bytes === undefined
          ? null
          : { bytes: bytes.subarray(offset, offset + maxBytes), total: bytes.length };
      },
    } satisfies Outputs,
  };
}

/** A bucket in memory that never changes a part, and checks each part's checksum, as S3 does. */
export function memoryBucket() {
  const objects = new Map<string, Buffer>();
  const prefixOf = ({ jobId, attempt }: AttemptId) => attemptLogPrefix(CLUSTER_UUID, jobId, attempt);
  const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  const partsOf = (of: AttemptId): LogPart[] =>
    [...objects]
      .filter(([key]) => key.startsWith(`${prefixOf(of)}part-`))
      .map(([key, { length }]) => ({ offset: Number(key.slice(-13)), bytes: length }));
  const readBack = (of: AttemptId): Buffer =>
    Buffer.concat(manifestOf(of).parts.map(({ key }) => objects.get(key) ?? Buffer.alloc(0)));
  const manifestOf = (of: AttemptId): LogManifest =>
    JSON.parse(objects.get(manifestKey(prefixOf(of)))?.toString() ?? "null") as LogManifest;
  const made = {
    objects,
    puts: 0,
    /** Called with the name of each call: what it throws is the call's failure. */
    before: async (_call: string): Promise<void> => {},
    after: async (_call: string): Promise<void> => {},
    partsOf,
    manifestOf,
    /** What a reader of the manifest gets. */
    readBack,
    bucket: {
      prefixOf: (of) => `s3://logs/${prefixOf(of)}`,
      async parts(of) {
        await made.before("parts");
        return partsOf(of);
      },
      async putPart(of, part, body) {
        made.puts += 1;
        await made.before("putPart");
        const pieces: Uint8Array[] = [];
        for await (const piece of body) pieces.push(piece);
        const key = partKey(prefixOf(of), part.offset);
        const there = objects.get(key);
        if (there !== undefined) return there.length;
        const bytes = Buffer.concat(pieces);
        if (sha256(bytes) !== part.sha256 || bytes.length !== part.bytes) throw new Error("BadDigest");
        objects.set(key, bytes);
        await made.after("putPart");
        return bytes.length;
      },
      async putManifest(of, manifest) {
        await made.before("putManifest");
        objects.set(manifestKey(prefixOf(of)), Buffer.from(JSON.stringify(manifest)));
        await made.after("putManifest");
        return `s3://logs/${manifestKey(prefixOf(of))}`;
      },
      async read(of, offset, maxBytes) {
        await made.before("read");
        const bytes = readBack(of);
        return { bytes: bytes.subarray(offset, offset + maxBytes), total: bytes.length };
      },
    } satisfies LogBucket,
  };
  return made;
}
