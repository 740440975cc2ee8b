import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { nameKey } from "../../agent/contract/keys.js";
import type { ClusterItem, NameItem } from "../../agent/contract/registry.js";
import { clusterWrites } from "../../agent/contract/writes/cluster.js";
import { nameWrites } from "../../agent/contract/writes/name.js";
import { failure } from "../core/diagnostic.js";
import type { Performer } from "./perform.js";
import type { OrgSdk } from "./sdk/parts.js";

/** The org's table, and the other reads that names need. */
export interface NamesTable {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly org: string;
  readonly signal: AbortSignal;
  readonly performer: Performer;
  readCluster(uuid: string): Promise<ClusterItem | null>;
  /**
   * Of the clusters that there were before, those of that name: one from before names were stored has no item of its name, and none of
   * those is made any more.
   */
  namedBefore(name: string): Promise<readonly ClusterItem[]>;
}

/** In each round, another apply may take or free the name meanwhile. */
const ROUNDS = 5;
const PAUSE_MS = 100;

/**
 * Puts META and the name's item in one transaction. Returns the cluster that has the name, and has then
 * written nothing; null: done. A name whose cluster is gone, as a delete that was cut short leaves it, is taken over.
 */
export async function createNamed(table: NamesTable, cluster: ClusterItem): Promise<ClusterItem | null> {
  const { performer, signal } = table;
  const other = await holderBefore(table, cluster);
  if (other !== null) return other;
  let stale: string | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const isWritten = await performer.transact([
      clusterWrites.create(cluster),
      nameWrites.keep(cluster, stale),
    ]);
    if (isWritten) return null;
    const held = await readName(table, cluster.name);
    // The UUID is random, so an earlier attempt of this call wrote it, and its answer was lost.
    if (held?.clusterUuid === cluster.uuid) return null;
    const holder = held === null ? null : await table.readCluster(held.clusterUuid);
    if (holder !== null && holder.clusterStatus !== "REMOVED") return holder;
    stale = held?.clusterUuid ?? null;
    // Another transaction may still be writing the name.
    await sleep(PAUSE_MS * 2 ** round, undefined, { signal });
  }
  throw failure(
    "cluster-name-contended",
    `The name ${cluster.name} is neither free nor taken`,
    `Others make or destroy clusters of that name at the same time: it was so in ${ROUNDS} attempts. Apply again.`,
    ["name"],
  );
}

/** As it is now: since it was listed, it may have been destroyed. */
async function holderBefore(
  table: NamesTable,
  { uuid: own, name }: ClusterItem,
): Promise<ClusterItem | null> {
  for (const { uuid } of await table.namedBefore(name)) {
    const now = uuid === own ? null : await table.readCluster(uuid);
    if (now !== null && now.clusterStatus !== "REMOVED" && now.name === name) return now;
  }
  return null;
}

/** Stores the name for the cluster, unless its item exists. */
export async function keepName({ performer }: NamesTable, cluster: ClusterItem): Promise<void> {
  await performer.write(nameWrites.keep(cluster, null));
}

/** Frees the name if it is the cluster's. */
export async function freeName({ performer, org }: NamesTable, name: string, uuid: string): Promise<void> {
  await performer.write(nameWrites.free({ uuid, org, name }));
}

async function readName(
  { sdk, dynamo, TableName, org, signal }: NamesTable,
  name: string,
): Promise<NameItem | null> {
  const get = new sdk.GetCommand({ TableName, Key: nameKey(org, name), ConsistentRead: true });
  return ((await dynamo.send(get, { abortSignal: signal })).Item as NameItem | undefined) ?? null;
}
