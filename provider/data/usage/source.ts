import { notebookParts } from "../../../agent/contract/notebook-usage.js";
import { usageMinutes } from "../../../agent/contract/usage.js";
import { clusterParts, monthAt, sumUsage } from "../../../agent/contract/usage-report.js";
import { observeClusters } from "../registry-clusters.js";
import { musterDataSource } from "../source.js";
import { usageDataSchema } from "./schema.js";

/** `data "muster_usage"`. */
export const usageSource = musterDataSource({
  schema: usageDataSchema,

  async read({ month: asked, by }, { client, clock }) {
    const now = clock.now();
    const month = asked ?? monthAt(now);
    const [clusters, notebooks, records] = await Promise.all([
      observeClusters(client),
      client.notebooks.all(),
      client.registry.usageOfMonth(month),
    ]);
    const parts = [
      ...clusterParts(records.clusters, clusters, month, now),
      ...notebookParts(records.notebooks, notebooks, clusters, month, now),
    ];
    const isByType = by === "type";
    const rows = sumUsage(
      parts,
      // Two clusters may have had one name, one after the other.
      ({ clusterUuid, instanceType }) => (isByType ? instanceType : clusterUuid),
      () => null,
    );
    const names = new Map(parts.map(({ clusterUuid, clusterName }) => [clusterUuid, clusterName]));
    return {
      id: `${client.org}/${client.region}/${month}/${by}`,
      minutes: usageMinutes(parts),
      rows: rows.map(({ key, instanceTypes, minutes }) => ({
        key: isByType ? key : (names.get(key) ?? key),
        uuid: isByType ? null : key,
        instance_types: instanceTypes,
        minutes,
      })),
    };
  },
});
