import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListBucketsCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";

/** A text, and where it is. */
type Stored = readonly [place: string, text: string];

/** Each object of each bucket, and each item of each table, of the account that this process's environment names. */
export async function readAccount(region: string): Promise<readonly Stored[]> {
  return [...(await readBuckets(region)), ...(await readTables(region))];
}

async function readBuckets(region: string): Promise<readonly Stored[]> {
  const client = new S3Client({ region, forcePathStyle: true });
  const stored: Stored[] = [];
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  for (const { Name: Bucket } of Buckets) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      for (const { Key } of Contents) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        stored.push([`s3://${Bucket}/${Key}`, (await Body?.transformToString("latin1")) ?? ""]);
      }
    }
  }
  return stored;
}

async function readTables(region: string): Promise<readonly Stored[]> {
  const client = new DynamoDBClient({ region });
  const stored: Stored[] = [];
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  for (const TableName of TableNames) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName }))
      stored.push(...Items.map((item): Stored => [`${TableName} ${item["pk"]?.S}`, JSON.stringify(item)]));
  }
  return stored;
}

/** Terraform's provider plugins, which it links to, are larger. */
const MOST_BYTES = 33_554_432;

/** Each file below a folder, but for programs. */
export const readFolder = (folder: string): readonly Stored[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => statSync(path).size <= MOST_BYTES)
    .map((path) => [path, readFileSync(path, "latin1")]);

/** Where which of the secrets is: "the peer token in s3://logs/x". Pure. */
export const findPlanted = (
  planted: Readonly<Record<string, string>>,
  stored: readonly Stored[],
): readonly string[] =>
  Object.entries(planted).flatMap(([name, secret]) =>
    stored.filter(([, text]) => text.includes(secret)).map(([place]) => `${name} in ${place}`),
  );
