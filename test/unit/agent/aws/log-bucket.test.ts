import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createLogBucket } from "../../../../agent/aws/log-bucket.js";
import type { LogBucket } from "../../../../agent/logs/ports.js";

const OF = { jobId: "job-1", attempt: 1 };
const PART = { offset: 0, bytes: 100, sha256: "00".repeat(32) };

let server: Server;
let bucket: LogBucket;
/** What S3 answers as soon as a request has come; null: it reads all of the body first. */
let answerNow: number | null;
beforeEach(async () => {
  answerNow = null;
  server = createServer((request, reply) => {
    request.on("error", () => undefined).resume();
    if (answerNow === null) request.on("end", () => reply.end());
    else reply.writeHead(answerNow).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new S3Client({
    ...{ region: "eu-central-1", endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  bucket = createLogBucket({ client, bucket: "logs", clusterUuid: "uuid" });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe("a part on its way to the bucket", () => {
  test.each([0, 10])("fails as its file does after %d bytes, and the agent lives", async (bytes) => {
    async function* pieces() {
      if (bytes > 0) yield Buffer.alloc(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error("ESTALE: stale file handle");
    }
    const put = bucket.putPart(OF, PART, pieces(), new AbortController().signal);
    await expect(put).rejects.toThrow("ESTALE");
  });

  test("that the bucket refuses is not read any more, and its file is closed", async () => {
    answerNow = 503;
    let isClosed = false;
    async function* pieces() {
      try {
        yield Buffer.alloc(10);
        await new Promise((resolve) => setTimeout(resolve, 200));
        yield Buffer.alloc(90);
      } finally {
        isClosed = true;
      }
    }
    await expect(bucket.putPart(OF, PART, pieces(), new AbortController().signal)).rejects.toThrow();
    while (!isClosed) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isClosed).toBe(true);
  });
});
