import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { accessQuery, type NodeAccess, nodeAccess } from "../contract/node-access.js";
import { nodesQuery } from "../contract/nodes.js";
import { type ClusterItem, META_SK, type NodeItem, nodeSk, partitionKeyed } from "../contract/registry.js";
import type { UsageItem } from "../contract/usage.js";
import { clusterUsageQuery } from "../contract/usage-report.js";
import { clusterWrites, type FilesNote, type Observation } from "../contract/writes/cluster.js";
import { type NodeFacts, nodeWrites } from "../contract/writes/node.js";
import type { ReplacementNote } from "../contract/writes/replacement.js";
import { usageWrites } from "../contract/writes/usage.js";
import type { NodeStore } from "../head/node-records.js";
import type { UsageStore } from "../head/usage-records.js";
import { type ClusterTable, perform, withoutKeys } from "./table.js";

/** The cluster's META item and its nodes' items. */
export interface ClusterStore extends NodeStore, UsageStore {
  /** META, consistently read; null when the cluster has been removed. */
  readCluster(): Promise<ClusterItem | null>;
  /** Whether the registry answers; rejects with the reason. */
  ping(signal: AbortSignal): Promise<void>;
  /** Writes what this node says of itself, over that of an earlier start. */
  registerNode(node: NodeFacts): Promise<void>;
  /** A node's item, consistently read; null: there is none. */
  readNode(instanceId: string): Promise<NodeItem | null>;
  /** The usage records of the cluster that begin in a month, consistently read. */
  usageOf(month: string): Promise<readonly UsageItem[]>;
  /** How all nodes are reached, consistently read, sorted by address. */
  readAccess(): Promise<readonly NodeAccess[]>;
  /**
   * Writes what the head saw. False, and nothing written, if a newer head has written, the status or the desired size has changed
   * since it was read, or the cluster is gone: read again and decide again.
   */
  writeObservation(observation: Observation): Promise<boolean>;
  /** Writes which nodes were replaced, unless a newer head has written; false: one has, or the cluster is gone. */
  noteReplacements(generation: number, note: ReplacementNote): Promise<boolean>;
  /** Writes the state of the cluster's files, if they must still be emptied and no newer head has written; else false. */
  noteFiles(generation: number, note: FilesNote): Promise<boolean>;
}

export function createClusterStore(table: ClusterTable): ClusterStore {
  const { client, TableName, clusterUuid } = table;
  const Key = partitionKeyed(clusterUuid, META_SK);
  return {
    async readCluster() {
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return Item === undefined ? null : withoutKeys<ClusterItem>(Item);
    },
    async ping(abortSignal) {
      await client.send(new GetCommand({ TableName, Key, ProjectionExpression: "pk" }), { abortSignal });
    },
    async registerNode(node) {
      await perform(table, nodeWrites.register(clusterUuid, node));
    },
    async readNode(instanceId) {
      const NodeKey = partitionKeyed(clusterUuid, nodeSk(instanceId));
      const get = new GetCommand({ TableName, Key: NodeKey, ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item === undefined ? null : withoutKeys<NodeItem>(Item);
    },
    readNodes: () => readNodes(table),
    usageOf: (month) => readUsage(table, month),
    readAccess: () => readAccess(table),
    reportNode: (generation, report) => perform(table, nodeWrites.report(clusterUuid, generation, report)),
    forgetNode: (generation, instanceId) =>
      perform(table, nodeWrites.forget(clusterUuid, generation, instanceId)),
    async recordUsage(usage) {
      await perform(table, usageWrites.record(usage));
    },
    writeObservation: (observation) => perform(table, clusterWrites.observe(clusterUuid, observation)),
    noteReplacements: (generation, note) =>
      perform(table, clusterWrites.noteReplacements(clusterUuid, generation, note)),
    noteFiles: (generation, note) => perform(table, clusterWrites.noteFiles(clusterUuid, generation, note)),
  };
}

const CALL_TIMEOUT_MS = 20_000;

/** Bounded; throws SDK errors. Of jobs there is none: their keys begin with another word. */
async function readUsage(
  { client, TableName, clusterUuid }: ClusterTable,
  month: string,
): Promise<readonly UsageItem[]> {
  const query = { TableName, ConsistentRead: true, ...clusterUsageQuery(clusterUuid, month) };
  const abortSignal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const records: UsageItem[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, query, { abortSignal }))
    records.push(...Items.map((item) => withoutKeys<UsageItem>(item)));
  return records;
}

interface ReadOptions {
  readonly abortSignal?: AbortSignal;
}

/** All nodes' items, of each what makes a summary. Throws SDK errors. */
export const readNodes = (table: ClusterTable, options: ReadOptions = {}): Promise<readonly NodeItem[]> =>
  readItems(table, nodesQuery(table.clusterUuid), options);

/** How all nodes are reached, sorted by address. Throws SDK errors. */
export const readAccess = async (
  table: ClusterTable,
  options: ReadOptions = {},
): Promise<readonly NodeAccess[]> =>
  nodeAccess(await readItems(table, accessQuery(table.clusterUuid), options));

async function readItems(
  { client, TableName }: ClusterTable,
  what: ReturnType<typeof nodesQuery>,
  options: ReadOptions,
): Promise<readonly NodeItem[]> {
  const items: NodeItem[] = [];
  const query = { TableName, ...what };
  for await (const { Items = [] } of paginateQuery({ client }, query, options))
    items.push(...(Items as NodeItem[]));
  return items;
}
