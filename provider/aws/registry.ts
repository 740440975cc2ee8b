import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { clusterPk, LEASE_SK, META_SK, PARTITION_KEY, SORT_KEY } from "../../agent/contract/keys.js";
import { tableName } from "../../agent/contract/names.js";
import type { ClusterItem, LeaseItem } from "../../agent/contract/registry.js";
import type { ClusterChange, Registry } from "../client/ports.js";
import { failure } from "../core/diagnostic.js";
import { listClusters } from "./cluster-list.js";
import { createNamed, freeName, keepName, type NamesTable } from "./cluster-names.js";
import { callAws, unlessRefused } from "./errors.js";
import type { Place } from "./place.js";
import type { OrgSdk } from "./sdk/parts.js";

const BATCH = 25;
/** An agent that is still stopping may write between two rounds; more rounds than this means that one keeps on. */
const DELETE_ROUNDS = 20;

const metaKey = (uuid: string) => ({ [PARTITION_KEY]: clusterPk(uuid), [SORT_KEY]: META_SK });

/** The registry in DynamoDB. */
export function awsRegistry(sdk: OrgSdk, dynamo: DynamoDBDocumentClient, place: Place): Registry {
  const TableName = tableName(place.org);
  const { signal } = place;
  const aborting = { abortSignal: signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> =>
    callAws({ doing: `${doing} in table ${TableName}`, ...place }, run);

  async function readCluster(uuid: string): Promise<ClusterItem | null> {
    const get = new sdk.GetCommand({ TableName, Key: metaKey(uuid), ConsistentRead: true });
    const { Item } = await dynamo.send(get, aborting);
    return Item === undefined ? null : clusterOf(Item);
  }

  const table = { sdk, dynamo, TableName, signal, readCluster };
  const names: NamesTable = {
    ...table,
    org: place.org,
    listNamed: async (name) => (await listClusters(table, { name })) ?? [],
  };

  return {
    readCluster: (uuid) => call(`read cluster ${uuid}`, () => readCluster(uuid)),

    readLease: (uuid) =>
      call(`read the lease of cluster ${uuid}`, async () => {
        const Key = { [PARTITION_KEY]: clusterPk(uuid), [SORT_KEY]: LEASE_SK };
        const get = new sdk.GetCommand({ TableName, Key, ConsistentRead: true });
        return ((await dynamo.send(get, aborting)).Item as LeaseItem | undefined) ?? null;
      }),

    listClusters: (only) => call("list the clusters", () => listClusters(table, only)),

    createCluster: (cluster) =>
      call(`create cluster ${cluster.uuid}`, () =>
        createNamed(names, cluster, { ...cluster, ...metaKey(cluster.uuid) }),
      ),

    keepName: (cluster) => call(`keep the name of cluster ${cluster.uuid}`, () => keepName(names, cluster)),

    updateCluster: (uuid, change) =>
      call(`update cluster ${uuid}`, async () => {
        const update = new sdk.UpdateCommand({
          TableName,
          Key: metaKey(uuid),
          ReturnValues: "ALL_NEW",
          ...updateExpression(change),
        });
        const answer = await dynamo.send(update, aborting).catch(unlessRefused);
        return answer?.Attributes === undefined ? null : clusterOf(answer.Attributes);
      }),

    deleteCluster: (uuid, name) =>
      call(`delete cluster ${uuid}`, async () => {
        const partition: Partition = { sdk, dynamo, TableName, uuid, signal };
        for (let round = 0; round < DELETE_ROUNDS; round++) {
          const keys = await listSortKeys(partition);
          const others = keys.filter((key) => key !== META_SK);
          await deleteItems(partition, others);
          if (others.length === 0) {
            await dynamo.send(new sdk.DeleteCommand({ TableName, Key: metaKey(uuid) }), aborting);
            // After META, so that no other cluster gets the name before this one is gone.
            await freeName(names, name, uuid);
            return;
          }
        }
        throw failure(
          `Items of cluster ${uuid} keep appearing`,
          `After ${DELETE_ROUNDS} rounds table ${TableName} still gets items of it. Stop whatever runs as a node of the cluster, then destroy again.`,
        );
      }),
  };
}

/** One cluster's items in the table. */
interface Partition {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly uuid: string;
  readonly signal: AbortSignal;
}

/** One page of the partition at a time, sort keys only. */
async function listSortKeys({ sdk, dynamo, TableName, uuid, signal }: Partition): Promise<readonly string[]> {
  const query = new sdk.QueryCommand({
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: "#pk = :pk",
    ProjectionExpression: "#sk",
    ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
    ExpressionAttributeValues: { ":pk": clusterPk(uuid) },
  });
  const { Items = [] } = await dynamo.send(query, { abortSignal: signal });
  return Items.map((item) => String(item[SORT_KEY]));
}

async function deleteItems(
  { sdk, dynamo, TableName, uuid, signal }: Partition,
  sortKeys: readonly string[],
): Promise<void> {
  for (let start = 0; start < sortKeys.length; start += BATCH) {
    const requests = sortKeys.slice(start, start + BATCH).map((sortKey) => ({
      DeleteRequest: { Key: { [PARTITION_KEY]: clusterPk(uuid), [SORT_KEY]: sortKey } },
    }));
    // What DynamoDB leaves unprocessed is found again by the next round's query.
    await dynamo.send(new sdk.BatchWriteCommand({ RequestItems: { [TableName]: requests } }), {
      abortSignal: signal,
    });
  }
}

/** The update and its condition, each name and value by a placeholder: many attributes are DynamoDB's reserved words. */
function updateExpression({ values, move, onlyIf = {}, fleet }: ClusterChange) {
  const sets = {
    ...values,
    ...(move === undefined ? {} : { clusterStatus: move.to }),
    ...(fleet?.to ? { fleet: fleet.to } : {}),
  };
  const names: Record<string, string> = { "#pk": PARTITION_KEY };
  const parameters: Record<string, unknown> = {};
  const equals =
    (prefix: string) =>
    ([name, value]: [string, unknown]): string => {
      names[`#${name}`] = name;
      parameters[`:${prefix}${name}`] = value;
      return `#${name} = :${prefix}${name}`;
    };
  const assignments = Object.entries(sets).map(equals("set"));
  const conditions = ["attribute_exists(#pk)", ...Object.entries(onlyIf).map(equals("if"))];
  if (move !== undefined) {
    const from = move.from.map((status) => {
      parameters[`:from${status}`] = status;
      return `:from${status}`;
    });
    conditions.push(`#clusterStatus IN (${from.join(", ")})`);
  }
  if (fleet !== undefined) {
    names["#fleet"] = "fleet";
    if (fleet.from === null) conditions.push("attribute_not_exists(#fleet)");
    else {
      names["#owner"] = "owner";
      parameters[":owner"] = fleet.from;
      conditions.push("#fleet.#owner = :owner");
    }
  }
  const clauses = [
    ...(assignments.length === 0 ? [] : [`SET ${assignments.join(", ")}`]),
    ...(fleet?.to === null ? ["REMOVE #fleet"] : []),
  ];
  return {
    UpdateExpression: clauses.join(" "),
    ConditionExpression: conditions.join(" AND "),
    ExpressionAttributeNames: names,
    ...(Object.keys(parameters).length === 0 ? {} : { ExpressionAttributeValues: parameters }),
  };
}

/** The item without its keys. The registry is written by this version's contract only, so its shape is known. */
function clusterOf(item: Record<string, unknown>): ClusterItem {
  const { [PARTITION_KEY]: _pk, [SORT_KEY]: _sk, ...cluster } = item;
  return cluster as ClusterItem;
}
