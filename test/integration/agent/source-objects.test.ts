import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { zipSync } from "fflate";
import { pack } from "tar-stream";
import { createSourceObjects } from "../../../agent/aws/source-objects.js";
import type { JobSource } from "../../../agent/contract/job-source.js";
import { bundleKey } from "../../../agent/contract/names.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { type SourceBench, sourceBench } from "../../support/agent/sources.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";

const REGION = "us-east-1";
const LIMITS = { bytes: 1_000_000, files: 20, timeoutMs: 60_000 };

let emulator: TestEmulator;
let client: S3Client;
let bench: SourceBench | null = null;
afterEach(async () => {
  await bench?.remove();
  bench = null;
});

const put = (Key: string, Body: string | Buffer, Bucket = "sources") =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));

async function fetchFrom(source: JobSource, more: { version?: string } = {}) {
  const objects = createSourceObjects({ client, region: REGION, logBucket: "logs" });
  bench ??= await sourceBench({ objects, limits: LIMITS });
  return bench.fetch(source, more);
}
const s3 = (uri: string) => ({ s3: { uri } });
const contentOf = (name: string) => readFileSync(join(bench?.folder ?? "", name), "utf8");
const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

async function tarGz(name: string, content: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

describe.each(EMULATORS)("a source in S3, on $name", ({ start }) => {
  beforeAll(async () => {
    emulator = await start();
    client = new S3Client({ ...emulator.client, forcePathStyle: true });
    for (const Bucket of ["sources", "versioned", "logs"])
      await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(
      new CreateBucketCommand({
        Bucket: "elsewhere",
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: "versioned", VersioningConfiguration }));
  });
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });

  test("that is an object comes under its name", async () => {
    await put("jobs/pi.py", "print(1)\n");
    expect(await fetchFrom(s3("s3://sources/jobs/pi.py"))).toMatchObject({ folder: "" });
    expect(bench?.files()).toEqual(["pi.py"]);
    expect(contentOf("pi.py")).toBe("print(1)\n");
  });

  test.each<[string, () => Promise<Buffer>]>([
    ["a.zip", async () => Buffer.from(zipSync({ "a/b.py": Buffer.from("x") }))],
    ["a.tar.gz", () => tarGz("a/b.py", "x")],
    ["a.TGZ", () => tarGz("a/b.py", "x")],
  ])("that is an archive, %s, is unpacked", async (key, make) => {
    await put(key, await make());
    expect(await fetchFrom(s3(`s3://sources/${key}`))).toMatchObject({ folder: "" });
    expect(contentOf("a/b.py")).toBe("x");
  });

  test("that is a prefix comes with all that is below it, and nothing else", async () => {
    for (const key of ["tree/a.py", "tree/lib/b.py", "tree/empty/", "treetop.py"]) await put(key, key);
    const first = await fetchFrom(s3("s3://sources/tree/"));
    expect(first).toEqual({ version: expect.stringMatching(/^list:[0-9a-f]{64}$/), folder: "" });
    expect(bench?.files()).toEqual(["a.py", "lib", "lib/b.py"]);
    expect(contentOf("lib/b.py")).toBe("tree/lib/b.py");
  });

  test("has the version of the first attempt in a later one, whatever was written meanwhile", async () => {
    await put("pi.py", "first", "versioned");
    const first = await fetchFrom(s3("s3://versioned/pi.py"));
    await put("pi.py", "second", "versioned");
    const version = "version" in first ? (first.version ?? "") : "";
    expect(await fetchFrom(s3("s3://versioned/pi.py"), { version })).toMatchObject({ version });
    expect(contentOf("pi.py")).toBe("first");
  });

  test("fails where it has changed since the first attempt and the bucket keeps no versions", async () => {
    await put("changes/pi.py", "first");
    const [one, all] = [
      await fetchFrom(s3("s3://sources/changes/pi.py")),
      await fetchFrom(s3("s3://sources/changes/")),
    ];
    await put("changes/pi.py", "second");
    const versionOf = (got: typeof one) => ("version" in got ? (got.version ?? "") : "");
    const changed = error("source-unusable", /has changed since the first attempt/);
    expect(await fetchFrom(s3("s3://sources/changes/pi.py"), { version: versionOf(one) })).toEqual(changed);
    expect(await fetchFrom(s3("s3://sources/changes/"), { version: versionOf(all) })).toEqual(changed);
  });

  test.each<[string, string, string, RegExp]>([
    [
      "no such bucket",
      "s3://no-such-bucket-here/x",
      "source-not-found",
      /there is no bucket no-such-bucket-here/,
    ],
    ["no such object", "s3://sources/none", "source-not-found", /there is no s3:\/\/sources\/none/],
    ["nothing below a prefix", "s3://sources/none/", "source-not-found", /nothing is below/],
    [
      "another region",
      "s3://elsewhere/x",
      "source-refused",
      /is in eu-central-1, and the cluster is in us-east-1/,
    ],
  ])("fails with %s", async (_name, uri, code, message) => {
    expect(await fetchFrom(s3(uri))).toEqual(error(code, message));
  });

  test("fails where it is too large, before anything of it is fetched", async () => {
    await put("large", Buffer.alloc(1_000_001));
    expect(await fetchFrom(s3("s3://sources/large"))).toEqual(error("source-too-large", /has 1000001 bytes/));
    for (let count = 0; count < 21; count += 1) await put(`many/${count}`, "x");
    expect(await fetchFrom(s3("s3://sources/many/"))).toEqual(
      error("source-too-large", /more than 20 objects/),
    );
  });

  test("fails where a key can't be a file", async () => {
    await put("odd/../../evil", "x");
    expect(await fetchFrom(s3("s3://sources/odd/"))).toEqual(error("source-unusable", /can't be a file/));
  });

  test("that is a packed folder is unpacked if it is the one that was submitted", async () => {
    const bytes = await tarGz("lib/a.py", "x");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await put(bundleKey(CLUSTER_UUID, sha256), bytes, "logs");
    const bundle = { sha256, bytes: bytes.length };
    expect(await fetchFrom({ bundle })).toEqual({ version: sha256, folder: "" });
    expect(contentOf("lib/a.py")).toBe("x");
    await put(bundleKey(CLUSTER_UUID, sha256), await tarGz("lib/a.py", "another"), "logs");
    expect(await fetchFrom({ bundle })).toEqual(error("source-unusable", /has the SHA-256/));
  });
});
