import { observeCluster } from "../../client/observed-cluster.js";
import type { MusterClient } from "../../client/ports.js";
import { type FleetFindings, worstInstance } from "./diagnosis.js";

const ACTIVITIES = 5;
/** Read of a console; a diagnosis shows the last of them. */
const CONSOLE_LINES = 400;

/**
 * Gathers information about a fleet that is not ready. A source that fails is left out, so that a second failure does not hide
 * the diagnosis.
 */
export async function observeFindings(
  client: MusterClient,
  clusterUuid: string,
  groupName: string,
  about: Pick<FleetFindings, "nodes" | "reasonCode" | "reason" | "next" | "instanceId">,
): Promise<FleetFindings> {
  const [cluster, group, activities] = await Promise.all([
    observeCluster(client, clusterUuid).catch(() => null),
    client.groups.describe(groupName).catch(() => null),
    client.groups.activities(groupName, ACTIVITIES).catch(() => []),
  ]);
  const instanceId = about.instanceId ?? worstInstance(cluster?.nodes ?? [], group);
  const lines =
    instanceId === null ? [] : await client.groups.consoleLines(instanceId, CONSOLE_LINES).catch(() => []);
  return {
    ...about,
    cluster,
    group,
    activities,
    console: instanceId === null ? null : { instanceId, lines },
  };
}
