import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { requestHandler, useProxy } from "../../../agent/aws/request-handler.js";

const LIMITS = { connectionTimeout: 2_000, requestTimeout: 5_000 };
const asked: string[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  // GIVEN a server that answers as a proxy does and as S3 does, and keeps what it was asked
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("<ListAllMyBucketsResult/>");
  });
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  useProxy({});
  server.closeAllConnections();
  server.close();
});

async function ask(endpoint: string): Promise<readonly string[]> {
  asked.length = 0;
  const client = new S3Client({
    ...{ region: "us-east-1", endpoint, forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    requestHandler: requestHandler(LIMITS),
  });
  await client.send(new ListBucketsCommand({})).catch(() => undefined);
  client.destroy();
  return asked;
}

test("without a proxy, AWS is asked directly", async () => {
  useProxy({});
  expect(await ask(url)).toEqual([expect.stringMatching(/^\/\?/)]);
});

test("with a proxy, AWS is reached through it, but for what needs none", async () => {
  useProxy({ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "127.0.0.1,.s3.us-east-1.amazonaws.com" });
  expect(await ask("http://aws.test")).toEqual([expect.stringMatching(/^http:\/\/aws\.test\/\?/)]);
  expect(await ask("https://sts.us-east-1.amazonaws.com")).toEqual([
    "CONNECT sts.us-east-1.amazonaws.com:443",
  ]);
  expect(await ask(url)).toEqual([expect.stringMatching(/^\/\?/)]);
  expect(await ask("https://logs.s3.us-east-1.amazonaws.com")).toEqual([]);
});
