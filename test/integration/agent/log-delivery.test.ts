import { createHash, randomBytes } from "node:crypto";
import { appendFile, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createLogDelivery } from "../../../agent/aws/log-delivery.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { fastClock } from "../../support/agent/fast-clock.js";
import { temporaryFolder } from "../../support/agent/job-user.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const BUCKET = "logs";
let emulator: TestEmulator;
let client: S3Client;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  emulator = await startEmulator();
  client = new S3Client({ ...emulator.client, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const deliverTo = (bucket: string) =>
  createLogDelivery({ client, bucket, clusterUuid: CLUSTER_UUID, clock: fastClock() });
const logAt = (jobId: string, path: string, exitCode: number | null = 0) => ({
  jobId,
  run: 1,
  path,
  exitCode,
});

async function objectAt(uri: string): Promise<Buffer> {
  const { bucket, key } = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/.exec(uri)?.groups ?? {};
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("a log's delivery", () => {
  test.each([
    ["nothing", 0],
    ["a few bytes", 10],
    ["a part, exactly", 8_388_608],
    ["several parts", 20_000_003],
  ])("of %s puts the very bytes and a manifest that proves them", async (name, size) => {
    const path = join(folder.path, "output.log");
    const content = randomBytes(size);
    await writeFile(path, content);
    const jobId = `job-${name.replaceAll(/\W/g, "")}`;
    const log = await deliverTo(BUCKET).deliver(logAt(jobId, path, 3));
    const sha256 = createHash("sha256").update(content).digest("hex");
    const uri = `s3://${BUCKET}/logs/${CLUSTER_UUID}/${jobId}/1/output.log`;
    expect(log).toEqual({ uri, bytes: size, sha256 });
    expect((await objectAt(uri)).equals(content)).toBe(true);
    const manifest = JSON.parse((await objectAt(uri.replace("output.log", "manifest.json"))).toString());
    expect(manifest).toEqual({ parts: ["output.log"], bytes: size, sha256, exitCode: 3, truncated: false });
  });

  test("again replaces what was there", async () => {
    const path = join(folder.path, "output.log");
    await writeFile(path, "first\n");
    const delivery = deliverTo(BUCKET);
    await delivery.deliver(logAt("job-again", path));
    await appendFile(path, "second\n");
    const log = await delivery.deliver(logAt("job-again", path));
    expect((await objectAt(log?.uri ?? "")).toString()).toBe("first\nsecond\n");
  });

  test("of a job that printed nothing because it never ran is none", async () => {
    expect(await deliverTo(BUCKET).deliver(logAt("job-none", join(folder.path, "output.log")))).toBeNull();
    const { KeyCount } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `logs/${CLUSTER_UUID}/job-none` }),
    );
    expect(KeyCount).toBe(0);
  });

  test("of what is not the job's own output fails", async () => {
    const path = join(folder.path, "output.log");
    await symlink("/etc/passwd", path);
    await expect(deliverTo(BUCKET).deliver(logAt("job-link", path))).rejects.toThrow(/symbolic link/);
  });

  test("to a bucket that is not there fails after a few tries, and the file stays", async () => {
    const path = join(folder.path, "output.log");
    await writeFile(path, "kept\n");
    await expect(deliverTo("no-such-bucket").deliver(logAt("job-x", path))).rejects.toThrow(/bucket/i);
    expect(await readFile(path, "utf8")).toBe("kept\n");
  });
});
