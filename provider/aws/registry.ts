import { randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { eventItem } from "../../agent/contract/event.js";
import {
  clusterPk,
  LEASE_SK,
  META_SK,
  PARTITION_KEY,
  partitionKeyed,
  SORT_KEY,
  uuidOfPk,
} from "../../agent/contract/keys.js";
import { tableName } from "../../agent/contract/names.js";
import { isWorker } from "../../agent/contract/node-kind.js";
import { nodesQuery, summarizeNodes } from "../../agent/contract/nodes.js";
import type { ClusterItem, LeaseItem, NodeItem } from "../../agent/contract/registry.js";
import { clusterWrites } from "../../agent/contract/writes/cluster.js";
import { eventWrites } from "../../agent/contract/writes/event.js";
import { nodeWrites } from "../../agent/contract/writes/node.js";
import type { Registry } from "../client/ports.js";
import { type DiagnosticError, failure } from "../core/diagnostic.js";
import { clustersOfGroup, firstList, listClusters } from "./cluster-list.js";
import { createNamed, freeName, keepName, type NamesTable } from "./cluster-names.js";
import { callAws } from "./errors.js";
import { createPerformer } from "./perform.js";
import { queryItems } from "./query-items.js";
import type { AwsScope } from "./scope.js";
import type { OrgSdk } from "./sdk/parts.js";
import { recordJobUsage, recordUsage, usageOfMonth } from "./usage.js";

/** A stopping agent may write between two rounds; more rounds than this mean that an agent keeps running. */
const DELETE_ROUNDS = 20;

/** The registry in DynamoDB. */
export function awsRegistry(sdk: OrgSdk, dynamo: DynamoDBDocumentClient, scope: AwsScope): Registry {
  const TableName = tableName(scope.org);
  const { signal } = scope;
  const aborting = { abortSignal: signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> =>
    callAws({ doing: `${doing} in table ${TableName}`, ...scope }, run);

  async function readCluster(uuid: string): Promise<ClusterItem | null> {
    const get = new sdk.GetCommand({ TableName, Key: partitionKeyed(uuid, META_SK), ConsistentRead: true });
    const { Item } = await dynamo.send(get, aborting);
    return Item === undefined ? null : clusterOf(Item);
  }

  const performer = createPerformer(sdk, dynamo, TableName, signal);
  const table = { sdk, dynamo, TableName, org: scope.org, signal, readCluster };
  const nodeItems = (uuid: string): Promise<readonly NodeItem[]> => queryItems(table, nodesQuery(uuid));
  const first = firstList(async () => (await listClusters(table)) ?? []);
  const names: NamesTable = { ...table, performer, namedBefore: first.named };

  return {
    readCluster: (uuid) => call(`read cluster ${uuid}`, () => readCluster(uuid)),

    readNodes: (cluster) =>
      call(`read the nodes of cluster ${cluster.uuid}`, async () =>
        summarizeNodes(await nodeItems(cluster.uuid), cluster),
      ),

    clearWorkers: (uuid) =>
      call(`delete the nodes of cluster ${uuid}`, async () => {
        for (let round = 0; round < DELETE_ROUNDS; round++) {
          const workers = (await nodeItems(uuid)).filter(isWorker);
          if (workers.length === 0) return;
          await performer.deleteAll(workers.map(({ instanceId }) => nodeWrites.clear(uuid, instanceId)));
        }
        throw itemsRemain(uuid, TableName);
      }),

    readLease: (uuid) =>
      call(`read the lease of cluster ${uuid}`, async () => {
        const Key = partitionKeyed(uuid, LEASE_SK);
        const get = new sdk.GetCommand({ TableName, Key, ConsistentRead: true });
        return ((await dynamo.send(get, aborting)).Item as LeaseItem | undefined) ?? null;
      }),

    listClusters: () => call("list the clusters", () => listClusters(table)),

    clustersOfGroup: (group, among) =>
      call(`find the clusters of group ${group}`, () =>
        clustersOfGroup(table, group, among === "now" ? null : first),
      ),

    createCluster: (cluster) => call(`create cluster ${cluster.uuid}`, () => createNamed(names, cluster)),

    keepName: (cluster) => call(`keep the name of cluster ${cluster.uuid}`, () => keepName(names, cluster)),

    updateCluster: (write) =>
      call(`update cluster ${uuidOfPk(write.key[PARTITION_KEY] ?? "")}`, async () => {
        const item = await performer.update(write);
        return item === null ? null : clusterOf(item);
      }),

    note: (uuid, event, at) =>
      call(`note an event of cluster ${uuid}`, async () => {
        await performer.write(eventWrites.note(uuid, eventItem(event, randomUUID().slice(0, 8), at)));
      }),

    recordUsage: (cluster) =>
      call(`record the usage of cluster ${cluster.uuid}`, () => recordUsage(table, cluster)),

    recordJobUsage: (cluster) =>
      call(`record the usage of cluster ${cluster.uuid}'s jobs`, () => recordJobUsage(table, cluster)),

    usageOfMonth: (month) => call(`list the usage of ${month}`, () => usageOfMonth(table, month)),

    deleteCluster: (uuid, name) =>
      call(`delete cluster ${uuid}`, async () => {
        const partition: Partition = { sdk, dynamo, TableName, uuid, signal };
        for (let round = 0; round < DELETE_ROUNDS; round++) {
          const keys = await listSortKeys(partition);
          const others = keys.filter((key) => key !== META_SK);
          await performer.deleteAll(others.map((key) => clusterWrites.deletePart(uuid, key)));
          if (others.length === 0) {
            await performer.write(clusterWrites.delete(uuid));
            // After META, so that no other cluster gets the name before this one is deleted.
            await freeName(names, name, uuid);
            return;
          }
        }
        throw itemsRemain(uuid, TableName);
      }),
  };
}

const itemsRemain = (uuid: string, tableName: string): DiagnosticError =>
  failure(
    "cluster-items-remain",
    `Items of cluster ${uuid} keep appearing`,
    `After ${DELETE_ROUNDS} rounds table ${tableName} still gets items of it. Stop whatever runs as a node of the cluster, then destroy again.`,
  );

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

/** The item without its keys. The registry is written by this version's contract only, so its shape is known. */
function clusterOf(item: Record<string, unknown>): ClusterItem {
  const { [PARTITION_KEY]: _pk, [SORT_KEY]: _sk, ...cluster } = item;
  return cluster as ClusterItem;
}
