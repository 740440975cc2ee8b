import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { afterEach, describe, expect, test } from "@jest/globals";
import { openMetadata, readIdentity } from "../../../../agent/system/imds.js";

const document = {
  instanceId: "i-0a",
  privateIp: "10.0.0.5",
  instanceType: "c5.xlarge",
  availabilityZone: "us-east-1a",
  region: "us-east-1",
  imageId: "ami-1",
  accountId: "123456789012",
};
let server: Server | undefined;
afterEach(() => {
  server?.close();
  delete process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
});

async function serve(listener: RequestListener): Promise<void> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const { port } = started.address() as AddressInfo;
  process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = `http://127.0.0.1:${port}`;
}

/** IMDSv2: nothing without a token, and no token without a time to live. */
const metadata =
  (identity: object): RequestListener =>
  (request, reply) => {
    const { url = "", method, headers } = request;
    if (method === "PUT" && url === "/latest/api/token" && headers["x-aws-ec2-metadata-token-ttl-seconds"])
      return reply.end("TOKEN");
    if (headers["x-aws-ec2-metadata-token"] !== "TOKEN") return reply.writeHead(401).end();
    if (url === "/latest/dynamic/instance-identity/document") return reply.end(JSON.stringify(identity));
    return reply.writeHead(404).end();
  };

test("the identity comes with a token, from the document; the host name is the system's own", async () => {
  await serve(metadata(document));
  expect(await readIdentity()).toEqual({
    instanceId: "i-0a",
    address: "10.0.0.5",
    publicAddress: null,
    hostname: hostname(),
    instanceType: "c5.xlarge",
    zone: "us-east-1a",
    region: "us-east-1",
    imageId: "ami-1",
  });
});

test("the public address is there where the node has one", async () => {
  await serve((request, reply) =>
    request.url === "/latest/meta-data/public-ipv4"
      ? reply.end("54.1.2.3\n")
      : metadata(document)(request, reply),
  );
  expect(await readIdentity()).toMatchObject({ address: "10.0.0.5", publicAddress: "54.1.2.3" });
});

describe("fails with the reason", () => {
  test.each([
    [
      "it refuses tokens (IMDS disabled)",
      (_request: unknown, reply) => reply.writeHead(403).end(),
      "answered 403",
    ],
    ["the document lacks a field", metadata({ ...document, privateIp: undefined }), "has no privateIp"],
    [
      "the document is no JSON",
      (request, reply) => {
        if (request.url?.endsWith("/document")) return reply.end("<html>");
        return metadata(document)(request, reply);
      },
      "JSON",
    ],
  ] as [string, RequestListener, string][])("when %s", async (_name, listener, reason) => {
    await serve(listener);
    await expect(readIdentity()).rejects.toMatchObject({
      code: "identity-unavailable",
      message: expect.stringContaining(reason),
    });
  });
});

describe("values of the metadata", () => {
  test("are read over one connection with one token, which is asked for anew when it is not valid any more; what is not there is null", async () => {
    let valid = "T1";
    const asked: string[] = [];
    const connections = new Set<unknown>();
    await serve(({ url = "", method, headers, socket }, reply) => {
      asked.push(`${method} ${url}`);
      connections.add(socket);
      if (method === "PUT") return reply.end(valid);
      if (headers["x-aws-ec2-metadata-token"] !== valid) return reply.writeHead(401).end();
      if (url === "/latest/meta-data/spot/instance-action") return reply.end("SPOT");
      return reply.writeHead(url.endsWith("/broken") ? 500 : 404).end();
    });
    const metadata = openMetadata();
    const paths = ["/latest/meta-data/spot/instance-action", "/latest/meta-data/none"];
    expect(await metadata.read(paths)).toEqual(["SPOT", null]);
    expect(asked.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
    // The token's, and one for both.
    expect(connections.size).toBe(2);
    await expect(metadata.read(["/latest/broken"])).rejects.toThrow("answered 500");
    valid = "T2";
    await expect(metadata.read(paths)).rejects.toThrow("answered 401");
    expect(await metadata.read(paths)).toEqual(["SPOT", null]);
  });
});
