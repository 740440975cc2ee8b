import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createLogBucket } from "../../../agent/aws/log-bucket.js";
import { type LogManifest, parseManifest, partKey } from "../../../agent/contract/log-parts.js";
import { attemptLogPrefix } from "../../../agent/contract/names.js";
import { createLogDelivery } from "../../../agent/logs/delivery.js";
import { createJobRecords } from "../../../agent/system/job-records.js";
import { systemClock as clock } from "../../../agent/time/clock.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { temporaryFolder } from "../../support/agent/job-user.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";

const BUCKET = "logs";
let emulator: TestEmulator;
let client: S3Client;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const openBucket = (bucket = BUCKET) => createLogBucket({ client, bucket, clusterUuid: CLUSTER_UUID });
/** An agent that has just been started. */
const agent = (bucket = BUCKET) =>
  createLogDelivery({
    ...{ clusterUuid: CLUSTER_UUID, clock, bucket: openBucket(bucket) },
    outputs: createJobRecords(folder.path).outputs,
  });
const unending = new AbortController().signal;
const idOf = (name: string) => ({ jobId: `job-${name.replaceAll(/\W/g, "")}`, attempt: 1 });
const ended = (of: ReturnType<typeof idOf>, exitCode: number | null = 0) => ({ ...of, exitCode });

/** Where an attempt's output is kept. */
async function outputOf({ jobId }: ReturnType<typeof idOf>): Promise<string> {
  await mkdir(join(folder.path, jobId, "1"), { recursive: true });
  return join(folder.path, jobId, "1", "output.log");
}

async function objectAt(Key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** The log as a reader of its manifest finds it. */
async function readBack({
  jobId,
}: ReturnType<typeof idOf>): Promise<{ manifest: LogManifest; bytes: Buffer }> {
  const key = `${attemptLogPrefix(CLUSTER_UUID, jobId, 1)}manifest.json`;
  const manifest = parseManifest((await objectAt(key)).toString(), key);
  if (typeof manifest === "string") throw new Error(manifest);
  const bytes = await Promise.all(manifest.parts.map((part) => objectAt(part.key)));
  return { manifest, bytes: Buffer.concat(bytes) };
}

describe.each(EMULATORS)("a log's delivery, on $name", ({ name: emulatorName, start }) => {
  beforeAll(async () => {
    emulator = await start();
    client = new S3Client({ ...emulator.client, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });

  test.each([
    ["nothing", 0],
    ["a few bytes", 10],
    ["a part, exactly", 8_388_608],
    ["several parts", 20_000_003],
  ])("of %s puts the very bytes and a manifest that proves them", async (name, size) => {
    const content = randomBytes(size);
    const of = idOf(name);
    await writeFile(await outputOf(of), content);
    const log = await agent().deliver(ended(of, 3), unending);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const { manifest, bytes } = await readBack(of);
    expect(bytes.equals(content)).toBe(true);
    expect(manifest).toMatchObject({
      job: of.jobId,
      attempt: 1,
      bytes: size,
      sha256,
      exitCode: 3,
      truncated: false,
    });
    const uri = `s3://${BUCKET}/${attemptLogPrefix(CLUSTER_UUID, of.jobId, 1)}manifest.json`;
    expect(log).toEqual({ uri, bytes: size, sha256, parts: manifest.parts.length });
  });

  test("gives any range of what it has delivered", async () => {
    const content = randomBytes(8_388_608 + 1_000);
    const of = idOf("ranges");
    await writeFile(await outputOf(of), content);
    await agent().deliver(ended(of), unending);
    const bucket = openBucket();
    const read = async (offset: number, maxBytes: number) => {
      const { bytes, total } = await bucket.read(of, offset, maxBytes);
      expect(total).toBe(content.length);
      return Buffer.from(bytes);
    };
    expect((await read(5, 10)).equals(content.subarray(5, 15))).toBe(true);
    // To the end of a part, and on from there.
    expect((await read(8_388_600, 100)).equals(content.subarray(8_388_600, 8_388_608))).toBe(true);
    expect((await read(8_388_608, 5_000)).equals(content.subarray(8_388_608))).toBe(true);
    expect(await read(content.length, 10)).toHaveLength(0);
  });

  test("goes on where an agent that was killed has stopped, and stores no byte twice", async () => {
    const of = idOf("killed");
    const path = await outputOf(of);
    for (const line of ["one\n", "two\n", "three\n"]) {
      await appendFile(path, line);
      await agent().ship(of, unending);
    }
    await agent().deliver(ended(of), unending);
    const { manifest, bytes } = await readBack(of);
    expect(bytes.toString()).toBe("one\ntwo\nthree\n");
    expect(manifest.parts.map((part) => part.bytes)).toEqual([4, 4, 6]);
  });

  const PART = { offset: 0, bytes: 5, sha256: createHash("sha256").update("first").digest("hex") };
  async function* bodyOf(text: string) {
    yield Buffer.from(text);
  }

  test("keeps a part that is there, also one that another agent stored", async () => {
    const of = idOf("kept");
    const Key = partKey(attemptLogPrefix(CLUSTER_UUID, of.jobId, 1), 0);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "firs" }));
    expect(await openBucket().putPart(of, PART, bodyOf("first"), unending)).toBe(4);
    expect((await objectAt(Key)).toString()).toBe("firs");
  });

  // S3 checks it, and so does ministack; moto only notes it.
  if (emulatorName === "ministack") {
    test("of bytes that are not those of the checksum is refused", async () => {
      await expect(
        openBucket().putPart(idOf("wrong"), PART, bodyOf("fir5t"), unending),
      ).rejects.toMatchObject({ name: expect.stringMatching(/Digest|InvalidRequest/) });
    });
  }

  test("of a job that printed nothing because it never ran is none", async () => {
    expect(await agent().deliver(ended(idOf("none")), unending)).toBeNull();
    const { KeyCount } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `logs/${CLUSTER_UUID}/job-none` }),
    );
    expect(KeyCount).toBe(0);
  });

  test("to a bucket that is not there is refused for good", async () => {
    const of = idOf("x");
    await writeFile(await outputOf(of), "kept\n");
    await expect(agent("no-such-bucket").deliver(ended(of), unending)).rejects.toMatchObject({
      name: "LogRefusedError",
      message: expect.stringContaining("no-such-bucket: NoSuchBucket"),
    });
  });

  test.each([
    ["an outage", { code: "ServiceUnavailable", message: "an outage", status: 503 }, "ServiceUnavailable"],
    ["a policy", { code: "AccessDenied", message: "not you", status: 403 }, "LogRefusedError"],
  ])("that %s stops fails, and goes on when it is over", async (what, response, name) => {
    const of = idOf(what);
    await writeFile(await outputOf(of), "whole\n");
    const delivery = agent();
    await emulator.injectFault({ service: "s3", action: "PutObject", response });
    await expect(delivery.deliver(ended(of), unending)).rejects.toMatchObject({ name });
    await emulator.clearFaults();
    await delivery.deliver(ended(of), unending);
    expect((await readBack(of)).bytes.toString()).toBe("whole\n");
  });

  // The SDK tries a call again by itself, unless its body is a stream.
  test.each([
    ["ListObjectsV2", 2],
    ["PutObject", 1],
  ])("survives a failing %s before each part", async (action, times) => {
    const of = idOf(action);
    const path = await outputOf(of);
    const delivery = agent();
    const content = randomBytes(1_000);
    for (let at = 0; at < content.length; at += 250) {
      await appendFile(path, content.subarray(at, at + 250));
      const response = { code: "InternalError", message: "a broken pipe", status: 500 };
      await emulator.injectFault({ service: "s3", action, times, response });
      await delivery.deliver(ended(of), unending).catch(() => delivery.deliver(ended(of), unending));
      await emulator.clearFaults();
    }
    const { bytes } = await readBack(of);
    expect(bytes.equals(content)).toBe(true);
  });

  test("is cut short by its signal", async () => {
    const of = idOf("cut");
    await writeFile(await outputOf(of), "x".repeat(9_000_000));
    await emulator.injectFault({ service: "s3", action: "*", response: { delayMs: 5_000 } });
    const ending = new AbortController();
    const delivering = agent().deliver(ended(of), ending.signal);
    setTimeout(() => ending.abort(), 200);
    await expect(delivering).rejects.toMatchObject({ name: "AbortError" });
    await emulator.clearFaults();
  });
});
