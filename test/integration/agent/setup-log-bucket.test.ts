import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createSetupLogBucket } from "../../../agent/aws/setup-log-bucket.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { temporaryFolder } from "../../support/agent/job-user.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";

const UNENDING = new AbortController().signal;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe.each(EMULATORS)("a set-up's log, on $name", ({ start }) => {
  let emulator: TestEmulator;
  let client: S3Client;
  beforeAll(async () => {
    emulator = await start();
    client = new S3Client({ ...emulator.client, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: "logs" }));
  });
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });
  const put = (bucket = "logs") =>
    createSetupLogBucket({ client, bucket, clusterUuid: CLUSTER_UUID, node: "i-a" });
  const logAt = (path: string) => ({ jobId: "job-1", attempt: 2, path });

  test.each([0, 10, 9_000_003])("of %d bytes arrives as it is, also a second time", async (size) => {
    const content = randomBytes(size);
    const path = join(folder.path, "log");
    await writeFile(path, content);
    await put()(logAt(path), UNENDING);
    await put()(logAt(path), UNENDING);
    const Key = `logs/${CLUSTER_UUID}/job-1/2/setup-i-a.log`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket: "logs", Key }));
    expect(content.equals((await Body?.transformToByteArray()) ?? Buffer.from("none"))).toBe(true);
  });

  test("that the bucket does not take, that is gone, or that is cut short, rejects", async () => {
    const path = join(folder.path, "log");
    await writeFile(path, "words\n");
    await expect(put("no-such-bucket")(logAt(path), UNENDING)).rejects.toThrow(/bucket/i);
    await expect(put()(logAt(`${path}.none`), UNENDING)).rejects.toThrow("ENOENT");
    // Something that can't be read breaks no more than this call.
    await expect(put()(logAt(folder.path), UNENDING)).rejects.toThrow("EISDIR");
    await expect(put()(logAt(path), AbortSignal.abort())).rejects.toThrow();
  });
});
