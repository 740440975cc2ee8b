import { parseDuration } from "../../../agent/contract/duration.js";
import { hostfilePath } from "../../../agent/contract/names.js";
import { isUsable } from "../../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { DRAINED_PHASE } from "../../../agent/contract/writes/fleet.js";
import type { ScalingGroup } from "../../client/ports.js";
import type { Computed, State } from "../../core/types.js";
import { isResizeSettled } from "./progress.js";
import { DEFAULT_TIMEOUTS, type fleetSchema } from "./schema.js";

export type FleetState = State<typeof fleetSchema>;

export const fleetId = (clusterUuid: string, autoscalingGroup: string): string =>
  `${clusterUuid}/${autoscalingGroup}`;

/** The attributes of the nodes that the hostfile lists. */
export function computedFleet(item: ObservedCluster, autoscalingGroup: string): Computed<typeof fleetSchema> {
  return {
    id: fleetId(item.uuid, autoscalingGroup),
    owner: item.fleet?.owner ?? null,
    hostfile: hostfilePath(item.uuid),
    ready_nodes: item.hostfileNodes,
    cores: item.cores,
    addresses: item.nodes.filter(isUsable).map(({ address }) => address),
  };
}

/** What a read returns for a fleet that no other resource owns. */
export function observedFleet(item: ObservedCluster, group: ScalingGroup | null, state: FleetState) {
  const isImport = (state.nodes as number | null) === null;
  // A parked cluster wants none for now: its fleet says how many it has otherwise.
  const wanted =
    item.clusterStatus === "PARKED" ? (item.fleet?.nodes ?? item.desiredNodes) : item.desiredNodes;
  const nodes = isEmptied(item, group, state)
    ? 0
    : isImport || isResizedByCommand(item)
      ? wanted
      : state.nodes;
  if (!isResizeSettled(item, isImport ? null : state.nodes)) return { nodes, ready_nodes: null };
  // These values are of the last apply; after an import or an interrupted create, there are none yet.
  const computed = computedFleet(item, state.autoscaling_group);
  if (state.ready_nodes === null) return { ...computed, nodes, owner: state.owner };
  const { addresses } = computed;
  return { nodes, ...(item.clusterStatus === "FINISHED" ? { addresses } : {}) };
}

/** A person's resize is a difference that the next plan shows. A park of it is none. */
const isResizedByCommand = ({ clusterStatus, resize }: ClusterItem): boolean =>
  resize !== undefined && clusterStatus !== "PARKED";

/** No group, or one without nodes although there must be some and the cluster is not parked: a drain is not a park. */
function isEmptied(
  { clusterStatus, phase }: ClusterItem,
  group: ScalingGroup | null,
  { nodes }: FleetState,
): boolean {
  const isParked = clusterStatus === "PARKED" && phase !== DRAINED_PHASE;
  const isEmpty = group === null || (group.desired === 0 && !isParked);
  return isEmpty && nodes !== null && nodes > 0;
}

/** The bound on one action, in milliseconds: the user's or the default. */
export function timeoutMs(state: FleetState, action: keyof typeof DEFAULT_TIMEOUTS): number {
  const given = parseDuration(state.timeouts?.[action] ?? DEFAULT_TIMEOUTS[action]);
  if (given === null)
    throw new Error(`The ${action} timeout is no duration; validation should have refused it.`);
  return given;
}
