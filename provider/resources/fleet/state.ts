import { hostfilePath } from "../../../agent/contract/names.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { parseDuration } from "../../core/duration.js";
import type { Computed, State } from "../../core/types.js";
import { isReady } from "./progress.js";
import { DEFAULT_TIMEOUTS, type fleetSchema } from "./schema.js";

export type FleetState = State<typeof fleetSchema>;

export const fleetId = (clusterUuid: string, autoscalingGroup: string): string =>
  `${clusterUuid}/${autoscalingGroup}`;

/** What Terraform learns of the nodes: those that the hostfile lists. */
export function computedFrom(item: ClusterItem, autoscalingGroup: string): Computed<typeof fleetSchema> {
  return {
    id: fleetId(item.uuid, autoscalingGroup),
    hostfile: hostfilePath(item.uuid),
    ready_nodes: item.hostfileNodes,
    cores: item.cores,
    addresses: item.nodes.filter(isReady).map(({ address }) => address),
  };
}

/** The bound on one action, in milliseconds: the user's or the default. */
export function timeoutMs(state: FleetState, action: keyof typeof DEFAULT_TIMEOUTS): number {
  const given = parseDuration(state.timeouts?.[action] ?? DEFAULT_TIMEOUTS[action]);
  if (given === null)
    throw new Error(`The ${action} timeout is no duration; validation should have refused it.`);
  return given;
}
