import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type ClusterTable, openTable } from "../../../agent/aws/table.js";
import { type ClusterItem, clusterPk, META_SK } from "../../../agent/contract/registry.js";
import type { TestEmulator } from "../emulator.js";
import { createRegistryTable } from "../registry-table.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";

const ORG = "acme";

/** Makes the org's registry table, as the org stack does, and opens it the way that the agent does, by environment. */
export async function createClusterTable(emulator: TestEmulator): Promise<ClusterTable> {
  Object.assign(process.env, emulator.env);
  await createRegistryTable(emulator, ORG);
  return openTable(ORG, CLUSTER_UUID, emulator.client.region);
}

/** Removes it with all that is in it: for the next test on the same emulator. */
export async function removeClusterTable({ client, TableName }: ClusterTable): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName }));
}

/** Writes META, as muster_cluster and muster_fleet do. */
export async function putCluster(table: ClusterTable, overrides: Partial<ClusterItem> = {}): Promise<void> {
  const Item = { pk: clusterPk(table.clusterUuid), sk: META_SK, ...clusterItem(overrides) };
  await table.client.send(new PutCommand({ TableName: table.TableName, Item }));
}
