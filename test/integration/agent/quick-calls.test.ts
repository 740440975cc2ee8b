import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import { createLeaseStore } from "../../../agent/aws/lease-store.js";
import { type ClusterTable, openTable } from "../../../agent/aws/table.js";

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const CLUSTER_UUID = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const SECRET = "a-secret-key";
const LEASE = { holder: "i-1", holderAddress: "10.0.0.1", generation: 3, renewal: 8, ttlMs: 15_000 };
const lease = { ...LEASE, released: false, expiresAt: "2026-11-27T00:00:00.000Z" };
/** Only the SDK counts its attempts. */
const isSdks = ({ headers }: Asked): boolean => headers["amz-sdk-request"] !== undefined;

const asked: Asked[] = [];
let answers: { readonly status: number; readonly body: object }[] = [];
let server: Server;
let counts = { answered: 0, failed: 0 };
let table: ClusterTable;

beforeAll(async () => {
  server = createServer((request, reply) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      asked.push({ headers: request.headers, body });
      const { status, body: answer } = answers.shift() ?? { status: 200, body: {} };
      reply.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    ...{ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: "a-token" },
  });
});

afterAll(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

/** The first call shows the way, by the SDK. */
beforeEach(async () => {
  counts = { answered: 0, failed: 0 };
  table = openTable("acme", CLUSTER_UUID, "us-east-1", counts);
  answers = [];
  await createClusterStore(table).readCluster();
  asked.length = 0;
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** As AWS does it, from what has arrived. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf({ headers, body }: Asked): { readonly shown: string; readonly right: string } {
  const given = /Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=(\w+)/.exec(
    headers.authorization ?? "",
  );
  const [, scope = "", names = "", shown = ""] = given ?? [];
  const lines = names.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = ["POST", "/", "", lines.join(""), names, sha256(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${SECRET}`);
  return { shown, right: hmac(key, text).toString("hex") };
}

test("a read asks once, signed, and gives the item as the SDK would", async () => {
  const Item = { pk: { S: "p" }, sk: { S: "META" }, uuid: { S: "u" }, cores: { N: "8" }, tags: { M: {} } };
  answers = [{ status: 200, body: { Item: { ...Item, idleTimeoutMinutes: { NULL: true } } } }];
  const read = await createClusterStore(table).readCluster();
  expect(read).toEqual({ uuid: "u", cores: 8, tags: {}, idleTimeoutMinutes: null });
  expect(asked.map(isSdks)).toEqual([false]);
  const [first] = asked as [Asked];
  expect(first.headers).toMatchObject({
    ...{ "x-amz-target": "DynamoDB_20120810.GetItem", "x-amz-security-token": "a-token" },
    "content-type": "application/x-amz-json-1.0",
  });
  expect(JSON.parse(first.body)).toEqual({
    ...{ TableName: "muster-acme-registry", ConsistentRead: true },
    Key: { pk: { S: `CLUSTER#${CLUSTER_UUID}` }, sk: { S: "META" } },
  });
  const { shown, right } = signatureOf(first);
  expect(shown).toBe(right);
  expect(counts).toEqual({ answered: 2, failed: 0 });
});

test("a query of two pages asks twice, the second time from where the first ended", async () => {
  const LastEvaluatedKey = { pk: { S: "p" }, sk: { S: "NODE#1" } };
  answers = [
    { status: 200, body: { Items: [{ n: { N: "1" } }], LastEvaluatedKey } },
    { status: 200, body: { Items: [{ n: { N: "2" } }] } },
  ];
  const query = {
    TableName: "t",
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": "p" },
  };
  const found: unknown[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.client }, query)) found.push(...Items);
  expect(found).toEqual([{ n: 1 }, { n: 2 }]);
  expect(asked.map(isSdks)).toEqual([false, false]);
  expect(JSON.parse(asked[1]?.body ?? "{}")).toMatchObject({
    ...{ ExclusiveStartKey: LastEvaluatedKey, ExpressionAttributeValues: { ":pk": { S: "p" } } },
  });
});

test("an update whose condition does not hold is refused, by the SDK's word", async () => {
  const refusal = {
    __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
    message: "no",
  };
  answers = [
    { status: 400, body: refusal },
    { status: 400, body: refusal },
  ];
  expect(await createLeaseStore(table, 15_000).renew(lease)).toBe(false);
  expect(asked.map(isSdks)).toEqual([false, true]);
  expect(counts).toEqual({ answered: 2, failed: 0 });
});

test("where the registry fails, the SDK tries again, and its way is gone until it has an answer", async () => {
  const broken = { status: 500, body: { __type: "InternalServerError" } };
  answers = [broken, broken];
  expect(await createLeaseStore(table, 15_000).renew(lease)).toBe(true);
  expect(asked.map(isSdks)).toEqual([false, true, true]);
  asked.length = 0;
  await createClusterStore(table).readCluster();
  expect(asked.map(isSdks)).toEqual([false]);
});

test("a call that is given up fails at once, and is not made again", async () => {
  const given = table.client.send(new GetCommand({ TableName: "t", Key: { pk: "p" } }), {
    abortSignal: AbortSignal.abort(),
  });
  await expect(given).rejects.toThrow("aborted");
  expect(asked).toEqual([]);
});

test("what is no read and no update goes the SDK's way", async () => {
  await table.client.send(new PutCommand({ TableName: "t", Item: { pk: "p" } }));
  expect(asked.map(isSdks)).toEqual([true]);
});
