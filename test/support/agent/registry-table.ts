import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type ClusterTable, openTable } from "../../../agent/aws/table.js";
import { type ClusterItem, clusterPk, META_SK } from "../../../agent/contract/registry.js";
import type { TestEmulator } from "../emulator.js";
import type { Emulator } from "../emulators.js";
import { createRegistryTable } from "../registry-table.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";

const ORG = "acme";

/** Makes the org's registry table, as the org stack does, and opens it the way that the agent does, by environment. */
export async function createClusterTable(emulator: TestEmulator): Promise<ClusterTable> {
  Object.assign(process.env, emulator.env);
  await createRegistryTable(emulator, ORG);
  return openTable(ORG, CLUSTER_UUID, emulator.client.region);
}

/** Such a table in an emulator of its own: what programs need in their environment to see it, and what ends both. */
interface StartedTable extends ClusterTable, Pick<TestEmulator, "env" | "stop"> {}

export async function startClusterTable(start: Emulator["start"]): Promise<StartedTable> {
  const emulator = await start();
  const table = await createClusterTable(emulator);
  return {
    ...table,
    env: emulator.env,
    async stop() {
      table.client.destroy();
      await emulator.stop();
    },
  };
}

/** Writes META, as muster_cluster and muster_fleet do. */
export async function putCluster(table: ClusterTable, overrides: Partial<ClusterItem> = {}): Promise<void> {
  const Item = { pk: clusterPk(table.clusterUuid), sk: META_SK, ...clusterItem(overrides) };
  await table.client.send(new PutCommand({ TableName: table.TableName, Item }));
}
