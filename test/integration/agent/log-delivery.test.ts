import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createLogDelivery } from "../../../agent/aws/log-delivery.js";
import { createJobRecords } from "../../../agent/system/job-records.js";
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

const deliverTo = (bucket: string) =>
  createLogDelivery({
    ...{ client, bucket, clusterUuid: CLUSTER_UUID },
    openOutput: createJobRecords(folder.path).openOutput,
  });
const unending = new AbortController().signal;
const logOf = (jobId: string, exitCode: number | null = 0) => ({ jobId, attempt: 1, exitCode });

/** Where a job's output is kept. */
async function outputOf(jobId: string): Promise<string> {
  await mkdir(join(folder.path, jobId, "1"), { recursive: true });
  return join(folder.path, jobId, "1", "output.log");
}

async function objectAt(uri: string): Promise<Buffer> {
  const { bucket, key } = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/.exec(uri)?.groups ?? {};
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe.each(EMULATORS)("a log's delivery, on $name", ({ start }) => {
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
    const jobId = `job-${name.replaceAll(/\W/g, "")}`;
    await writeFile(await outputOf(jobId), content);
    const log = await deliverTo(BUCKET).deliver(logOf(jobId, 3), unending);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const uri = `s3://${BUCKET}/logs/${CLUSTER_UUID}/${jobId}/1/output.log`;
    expect(log).toEqual({ uri, bytes: size, sha256 });
    expect((await objectAt(uri)).equals(content)).toBe(true);
    const manifest = JSON.parse((await objectAt(uri.replace("output.log", "manifest.json"))).toString());
    expect(manifest).toEqual({ parts: ["output.log"], bytes: size, sha256, exitCode: 3, truncated: false });
  });

  test("again replaces what was there", async () => {
    const path = await outputOf("job-again");
    await writeFile(path, "first\n");
    const delivery = deliverTo(BUCKET);
    await delivery.deliver(logOf("job-again"), unending);
    await appendFile(path, "second\n");
    const log = await delivery.deliver(logOf("job-again"), unending);
    expect((await objectAt(log?.uri ?? "")).toString()).toBe("first\nsecond\n");
  });

  test("of a job that printed nothing because it never ran is none", async () => {
    expect(await deliverTo(BUCKET).deliver(logOf("job-none"), unending)).toBeNull();
    const { KeyCount } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `logs/${CLUSTER_UUID}/job-none` }),
    );
    expect(KeyCount).toBe(0);
  });

  test("to a bucket that is not there is refused for good, and the file stays", async () => {
    const path = await outputOf("job-x");
    await writeFile(path, "kept\n");
    await expect(deliverTo("no-such-bucket").deliver(logOf("job-x"), unending)).rejects.toMatchObject({
      name: "LogRefusedError",
      message: expect.stringContaining("no-such-bucket: NoSuchBucket"),
    });
    expect(await readFile(path, "utf8")).toBe("kept\n");
  });

  test.each([
    ["an outage", { code: "ServiceUnavailable", message: "an outage", status: 503 }, "ServiceUnavailable"],
    ["a policy", { code: "AccessDenied", message: "not you", status: 403 }, "LogRefusedError"],
  ])("that %s stops fails, and is whole when it is made again", async (what, response, name) => {
    const jobId = `job-${what.replaceAll(" ", "-")}`;
    await writeFile(await outputOf(jobId), "whole\n");
    await emulator.injectFault({ service: "s3", action: "PutObject", response });
    await expect(deliverTo(BUCKET).deliver(logOf(jobId), unending)).rejects.toMatchObject({ name });
    await emulator.clearFaults();
    const log = await deliverTo(BUCKET).deliver(logOf(jobId), unending);
    expect((await objectAt(log?.uri ?? "")).toString()).toBe("whole\n");
  });

  test("is cut short by its signal", async () => {
    await writeFile(await outputOf("job-cut"), "x".repeat(9_000_000));
    await emulator.injectFault({ service: "s3", action: "*", response: { delayMs: 5_000 } });
    const ending = new AbortController();
    const delivering = deliverTo(BUCKET).deliver(logOf("job-cut"), ending.signal);
    setTimeout(() => ending.abort(), 200);
    await expect(delivering).rejects.toMatchObject({ name: "AbortError" });
    await emulator.clearFaults();
  });
});
