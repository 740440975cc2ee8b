import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { nameKey, PARTITION_KEY } from "../../agent/contract/keys.js";
import type { ClusterItem, NameItem } from "../../agent/contract/registry.js";
import { failure } from "../core/diagnostic.js";
import { isAwsError, unlessRefused } from "./errors.js";
import type { OrgSdk } from "./sdk/parts.js";

/** The org's table, and what of it is read besides names. */
export interface NamesTable {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly org: string;
  readonly signal: AbortSignal;
  readCluster(uuid: string): Promise<ClusterItem | null>;
  /** Every cluster of that name: one that was made before names were kept has no item of its name. */
  listNamed(name: string): Promise<readonly ClusterItem[]>;
}

/** Each round loses to another apply that has put, or freed, the name meanwhile. */
const ROUNDS = 5;
const PAUSE_MS = 100;

/**
 * Puts META (`metaRecord`) and the name's item in one transaction. Returns the cluster that has the name, and has then
 * written nothing; null: done. A name whose cluster is gone, as a delete that was cut short leaves it, is taken over.
 */
export async function createNamed(
  table: NamesTable,
  cluster: ClusterItem,
  metaRecord: Readonly<Record<string, unknown>>,
): Promise<ClusterItem | null> {
  const { sdk, dynamo, TableName, signal } = table;
  const others = (await table.listNamed(cluster.name)).filter(({ uuid }) => uuid !== cluster.uuid);
  if (others[0] !== undefined) return others[0];
  let stale: string | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const write = new sdk.TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName,
            Item: metaRecord,
            ConditionExpression: "attribute_not_exists(#pk)",
            ExpressionAttributeNames: { "#pk": PARTITION_KEY },
          },
        },
        { Put: namePut(table, cluster, stale) },
      ],
    });
    const isWritten = await dynamo.send(write, { abortSignal: signal }).then(() => true, unlessCancelled);
    if (isWritten) return null;
    const held = await readName(table, cluster.name);
    // The UUID is random: an attempt of ours made it, whose answer was lost.
    if (held?.clusterUuid === cluster.uuid) return null;
    const holder = held === null ? null : await table.readCluster(held.clusterUuid);
    if (holder !== null && holder.clusterStatus !== "REMOVED") return holder;
    stale = held?.clusterUuid ?? null;
    // Another transaction is perhaps still at work on the name.
    await sleep(PAUSE_MS * 2 ** round, undefined, { signal });
  }
  throw failure(
    `The name ${cluster.name} can't be had now`,
    `Others make or destroy clusters of that name at the same time: ${ROUNDS} attempts found it neither free nor taken. Apply again.`,
    ["name"],
  );
}

/** Keeps the name for the cluster, unless its item is there already. */
export async function keepName(table: NamesTable, cluster: ClusterItem): Promise<void> {
  const { sdk, dynamo, signal } = table;
  await dynamo
    .send(new sdk.PutCommand(namePut(table, cluster, null)), { abortSignal: signal })
    .catch(unlessRefused);
}

/** Frees the name where it is the cluster's. */
export async function freeName(
  { sdk, dynamo, TableName, org, signal }: NamesTable,
  name: string,
  uuid: string,
): Promise<void> {
  const remove = new sdk.DeleteCommand({ TableName, Key: nameKey(org, name), ...onlyIfOf(uuid) });
  await dynamo.send(remove, { abortSignal: signal }).catch(unlessRefused);
}

const onlyIfOf = (uuid: string) => ({
  ConditionExpression: "#clusterUuid = :uuid",
  ExpressionAttributeNames: { "#clusterUuid": "clusterUuid" },
  ExpressionAttributeValues: { ":uuid": uuid },
});

function namePut({ TableName, org }: NamesTable, cluster: ClusterItem, stale: string | null) {
  const item: NameItem = { clusterUuid: cluster.uuid, since: cluster.createdAt };
  const isFree = {
    ConditionExpression: "attribute_not_exists(#pk)",
    ExpressionAttributeNames: { "#pk": PARTITION_KEY },
  };
  return {
    TableName,
    Item: { ...item, ...nameKey(org, cluster.name) },
    ...(stale === null ? isFree : onlyIfOf(stale)),
  };
}

async function readName(
  { sdk, dynamo, TableName, org, signal }: NamesTable,
  name: string,
): Promise<NameItem | null> {
  const get = new sdk.GetCommand({ TableName, Key: nameKey(org, name), ConsistentRead: true });
  return ((await dynamo.send(get, { abortSignal: signal })).Item as NameItem | undefined) ?? null;
}

/** False: a condition did not hold, or another transaction was at work on the same items. */
function unlessCancelled(error: unknown): false {
  if (isAwsError(error, "TransactionCanceledException")) return false;
  throw error;
}
