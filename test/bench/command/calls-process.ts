import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";

// What `muster job list` asks of AWS, with nothing of ours: `node calls-process.cjs ORG CLUSTER`.

const [org, cluster] = process.argv.slice(2);
const client = new DynamoDBClient();
const TableName = `muster-${org}-registry`;

async function read(pk: string, sk: string) {
  const Key = { pk: { S: pk }, sk: { S: sk } };
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  if (Item === undefined) throw new Error(`There is no ${sk} in ${pk}.`);
  return Item;
}

async function list(): Promise<number> {
  const { clusterUuid } = await read(`ORG#${org}`, `NAME#${cluster}`);
  const pk = `CLUSTER#${clusterUuid?.S}`;
  await read(pk, "META");
  const query = {
    ...{ TableName, ConsistentRead: true },
    KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
    ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
    ExpressionAttributeValues: { ":pk": { S: pk }, ":prefix": { S: "JOB#" } },
  };
  const { Items = [] } = await client.send(new QueryCommand(query));
  return Items.length;
}

list().then((jobs) => process.exit(jobs > 0 ? 0 : 1));
