import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startEmulator } from "../../../scripts/local/emulator/start.js";
import { discoverEmulator } from "../../../scripts/setup/discover.js";
import { startService } from "../../../scripts/system/service.js";

// scripts/local/emulator/python makes the emulator faster: here its answers are held against those of the emulator as it comes.

const TableName = "items";
const ITEMS = 120;

interface Emulator {
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

const emulators: Emulator[] = [];

function emulatorAt(port: number, stop: () => Promise<void>): Emulator {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const endpoint = `http://127.0.0.1:${port}`;
  return { client: new DynamoDBClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 }), stop };
}

async function startAsItComes(): Promise<Emulator> {
  const { ready, stop } = await startService([...discoverEmulator().argv, "-H", "127.0.0.1", "-p", "0"], {
    name: "The emulator as it comes",
    env: { ...process.env, PYTHONUNBUFFERED: "1" },
    readReady: (line) => {
      const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      return port === undefined ? null : Number(port);
    },
    timeoutSeconds: 120,
  });
  return emulatorAt(ready, stop);
}

const itemOf = (n: number): Record<string, AttributeValue> => ({
  pk: { S: n % 3 === 0 ? "other" : "cluster" },
  sk: { S: `JOB#${n}` },
  // Of some items only: the index has those alone.
  ...(n % 10 === 0 ? { state: { S: "open" }, since: { N: String(n % 20) } } : {}),
  nothing: { NULL: true },
  yes: { BOOL: n % 2 === 0 },
  names: { SS: ["a", "b"] },
  bytes: { B: new Uint8Array([n, 255]) },
  nested: {
    M: { parts: { L: [{ N: "1" }, { M: { deep: { S: "x" } } }] }, bytes: { B: new Uint8Array([n]) } },
  },
});

beforeAll(async () => {
  const started = await startEmulator();
  emulators.push(emulatorAt(started.port, started.stop), await startAsItComes());
  for (const { client } of emulators) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          ...["pk", "sk", "state"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
          { AttributeName: "since", AttributeType: "N" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-state",
            KeySchema: [
              { AttributeName: "state", KeyType: "HASH" },
              { AttributeName: "since", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      }),
    );
    for (let n = 0; n < ITEMS; n += 1) await client.send(new PutItemCommand({ TableName, Item: itemOf(n) }));
  }
}, 180_000);
afterAll(() => Promise.all(emulators.map(({ stop }) => stop())));

/** What each of them answers, or throws, but for what differs from call to call. */
async function both(ask: (client: DynamoDBClient) => Promise<object>): Promise<readonly unknown[]> {
  return Promise.all(
    emulators.map(({ client }) =>
      ask(client).then(
        ({ $metadata: _, ...answer }: { $metadata?: unknown }) => answer,
        (error: Error & { CancellationReasons?: unknown }) => [error.message, error.CancellationReasons],
      ),
    ),
  );
}

async function expectSame(ask: (client: DynamoDBClient) => Promise<object>): Promise<unknown> {
  const [ours, asItComes] = await both(ask);
  expect(ours).toEqual(asItComes);
  return ours;
}

const values = (of: Record<string, string>) =>
  Object.fromEntries(Object.entries(of).map(([name, S]) => [`:${name}`, { S }]));

test.each<readonly [what: string, query: Omit<QueryCommandInput, "TableName">, count: number]>([
  [
    "all of a key",
    { KeyConditionExpression: "pk = :k", ExpressionAttributeValues: values({ k: "cluster" }) },
    80,
  ],
  [
    "a prefix, backwards, the first of several pages",
    {
      KeyConditionExpression: "pk = :k AND begins_with(sk, :s)",
      ExpressionAttributeValues: values({ k: "cluster", s: "JOB#1" }),
      ScanIndexForward: false,
      Limit: 7,
    },
    7,
  ],
  [
    "what follows a page",
    {
      KeyConditionExpression: "pk = :k",
      ExpressionAttributeValues: values({ k: "other" }),
      ExclusiveStartKey: { pk: { S: "other" }, sk: { S: "JOB#30" } },
    },
    25,
  ],
  [
    "a filter and a projection",
    {
      KeyConditionExpression: "pk = :k",
      FilterExpression: "yes = :yes",
      ProjectionExpression: "sk, nested.parts[1]",
      ExpressionAttributeValues: { ...values({ k: "cluster" }), ":yes": { BOOL: true } },
    },
    40,
  ],
  [
    "an index, in the order of its range key",
    {
      IndexName: "by-state",
      KeyConditionExpression: "#state = :s",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: values({ s: "open" }),
    },
    12,
  ],
  [
    "an index, after a value",
    {
      IndexName: "by-state",
      KeyConditionExpression: "#state = :s AND since > :n",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ...values({ s: "open" }), ":n": { N: "0" } },
    },
    6,
  ],
  [
    "a key of nothing",
    { KeyConditionExpression: "pk = :k", ExpressionAttributeValues: values({ k: "no" }) },
    0,
  ],
])("a query of %s", async (_what, query, count) => {
  const answer = await expectSame((client) => client.send(new QueryCommand({ TableName, ...query })));
  expect(answer).toMatchObject({ Count: count });
});

const setDeep = (n: number, deep: string) => ({
  TableName,
  Key: { pk: { S: n % 3 === 0 ? "other" : "cluster" }, sk: { S: `JOB#${n}` } },
  UpdateExpression: "SET nested.parts[0] = :d REMOVE yes",
  ExpressionAttributeValues: values({ d: deep }),
});

test("an update within an item, with the item as it is then", async () => {
  const answer = await expectSame((client) =>
    client.send(new UpdateItemCommand({ ...setDeep(1, "changed"), ReturnValues: "ALL_NEW" })),
  );
  expect(answer).toMatchObject({ Attributes: { nested: { M: { parts: { L: [{ S: "changed" }, {}] } } } } });
});

test("an expression again, of another item and with another value; one that is wrong, twice", async () => {
  const update = (n: number, deep: string) => (client: DynamoDBClient) =>
    client.send(new UpdateItemCommand({ ...setDeep(n, deep), ReturnValues: "ALL_NEW" }));
  for (const [n, deep] of [
    [7, "first"],
    [8, "second"],
    [7, "third"],
  ] as const) {
    const changed = { nested: { M: { parts: { L: [{ S: deep }, {}] } } } };
    expect(await expectSame(update(n, deep))).toMatchObject({ Attributes: changed });
  }
  const wrong = (client: DynamoDBClient) =>
    client.send(new UpdateItemCommand({ ...setDeep(7, "no"), UpdateExpression: "SET nested.$ = :d" }));
  expect(await expectSame(wrong)).toEqual(await expectSame(wrong));
});

test("a transaction whose last condition fails leaves all as it was, also what was changed within an item", async () => {
  const scan = () => expectSame((client) => client.send(new ScanCommand({ TableName })));
  const before = await scan();
  const fails = {
    TableName,
    Key: { pk: { S: "cluster" }, sk: { S: "JOB#5" } },
    ConditionExpression: "attribute_not_exists(pk)",
  };
  const refused = await expectSame((client) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: { pk: { S: "new" }, sk: { S: "1" } } } },
          { Put: { TableName, Item: { pk: { S: "cluster" }, sk: { S: "JOB#2" } } } },
          { Update: setDeep(4, "no") },
          { Update: { ...setDeep(999, "no"), UpdateExpression: "SET a = :d" } },
          { Delete: { TableName, Key: { pk: { S: "other" }, sk: { S: "JOB#3" } } } },
          { ConditionCheck: fails },
        ],
      }),
    ),
  );
  expect(JSON.stringify(refused)).toContain("ConditionalCheckFailed");
  expect(await scan()).toEqual(before);
});

test("a transaction that holds writes all, and an item named twice is refused", async () => {
  const put = { Put: { TableName, Item: { pk: { S: "new" }, sk: { S: "1" } } } };
  const write = (items: (typeof put)[]) => (client: DynamoDBClient) =>
    client.send(new TransactWriteItemsCommand({ TransactItems: [...items, { Update: setDeep(4, "yes") }] }));
  await expectSame(write([put, put]));
  await expectSame(write([put]));
  const answer = await expectSame((client) => client.send(new ScanCommand({ TableName })));
  expect(answer).toMatchObject({ Count: ITEMS + 1 });
});

test("a reader sees all of an update or nothing of it", async () => {
  const [ours] = emulators;
  if (ours === undefined) throw new Error("there is no emulator");
  const Key = { pk: { S: "cluster" }, sk: { S: "WHOLE" } };
  const names = Array.from({ length: 40 }, (_, n) => `n${n}`);
  const UpdateExpression = `SET ${names.map((name) => `${name} = :v`).join(", ")}`;
  const write = (v: number) =>
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression,
      ExpressionAttributeValues: { ":v": { N: `${v}` } },
    });
  await ours.client.send(write(0));
  let isOver = false;
  const seen: number[] = [];
  const read = async () => {
    while (!isOver) {
      const { Item = {} } = await ours.client.send(new GetItemCommand({ TableName, Key }));
      seen.push(new Set(names.map((name) => Item[name]?.N)).size);
    }
  };
  const readers = Array.from({ length: 4 }, read);
  for (let v = 1; v <= 40; v += 1) await ours.client.send(write(v));
  isOver = true;
  await Promise.all(readers);
  expect(new Set(seen)).toEqual(new Set([1]));
}, 60_000);
