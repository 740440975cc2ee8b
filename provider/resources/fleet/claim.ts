import type { ClusterItem, FleetClaim } from "../../../agent/contract/registry.js";
import type { ClaimChange } from "../../../agent/contract/writes/fleet.js";
import type { ListedClusters, MusterClient, ScalingGroup } from "../../client/ports.js";
import { type DiagnosticError, failure, type Warning } from "../../core/diagnostic.js";
import type { PrivateState } from "../../core/private-state.js";
import { foreignWarning, newOwner, type Owned, standing, takeOver } from "../ownership.js";
import { fleetId } from "./state.js";

/** A change after which the fleet is ours. */
export type Claim = ClaimChange & { readonly to: FleetClaim };

/** Which fleet it is. */
interface FleetName {
  readonly clusterUuid: string;
  readonly groupName: string;
}

/** What an apply wants. */
interface WantedFleet extends FleetName {
  readonly nodes: number;
}

interface NewFleet extends Pick<WantedFleet, "clusterUuid" | "nodes"> {
  readonly group: ScalingGroup;
}

/**
 * The claim of a new fleet. Throws if the cluster's nodes, or the group, already belong to another fleet. A group that somebody has
 * filled may be claimed since the clusters were first listed; one that is empty is new, or a cluster's that had parked by then.
 */
export async function claimNew(
  { clusterUuid, group, nodes }: NewFleet,
  client: MusterClient,
  now: Date,
): Promise<Claim> {
  const item = await client.registry.readCluster(clusterUuid);
  if (item?.fleet !== undefined) throw fleetTaken(item, item.fleet);
  const isEmpty = group.desired === 0 && group.instances.length === 0;
  const groupName = group.name;
  const holder = await groupHolder(client, { clusterUuid, groupName }, isEmpty ? "first-listed" : "now");
  if (holder !== null) throw groupTaken(holder, groupName);
  return { from: null, to: { owner: newOwner(), group: groupName, nodes, since: now.toISOString() } };
}

/** The claim of a fleet in the state: kept, or taken if it has no owner or was imported. Throws if another owns it. */
export async function claimAgain(
  { clusterUuid, groupName, nodes, owner }: WantedFleet & Owned,
  { client, clock, privateState }: Pick<ClaimContext, "client" | "clock" | "privateState">,
): Promise<Claim> {
  const item = await client.registry.readCluster(clusterUuid);
  const found = item?.fleet;
  if (item !== null && found !== undefined && standing(found.owner, { owner }, privateState) === "foreign") {
    throw fleetTaken(item, found);
  }
  const from = found?.owner ?? null;
  if (found !== undefined && found.owner === owner) return { from, to: { ...found, nodes } };
  const since = clock.now().toISOString();
  return { from, to: { owner: owner ?? newOwner(), group: groupName, nodes, since } };
}

interface ClaimContext {
  readonly client: MusterClient;
  readonly clock: { now(): Date };
  readonly privateState: PrivateState;
}

/** The other cluster whose fleet uses the group; null: none. */
export async function groupHolder(
  { registry }: MusterClient,
  { clusterUuid, groupName }: FleetName,
  among: ListedClusters,
): Promise<ClusterItem | null> {
  const holders = await registry.clustersOfGroup(groupName, among);
  return holders.find(({ uuid }) => uuid !== clusterUuid) ?? null;
}

/** The error of a create or change if another fleet has the `claim`. */
export function fleetTaken({ uuid, name }: ClusterItem, claim: FleetClaim): DiagnosticError {
  const { group, nodes, since, owner } = claim;
  return failure(
    "fleet-taken",
    `Cluster ${uuid} has a fleet already`,
    [
      `The nodes of cluster ${name} are another muster_fleet's: group ${group}, since ${since}, ${nodes} nodes asked for, owner ${owner} (an attribute in its state). Nothing was changed.`,
      takeOver(fleetId(uuid, group)),
      "A cluster has one fleet at a time, so a replacement is destroyed before it is made (no create_before_destroy).",
    ].join("\n"),
    ["cluster_uuid"],
  );
}

function groupTaken({ name, uuid }: ClusterItem, group: string): DiagnosticError {
  return failure(
    "group-taken",
    `Auto Scaling group ${group} is the fleet of cluster ${name}`,
    `Its instances are nodes of cluster ${uuid}, and can't be nodes of another one too. Give this fleet a group of its own, or destroy that fleet first.`,
    ["autoscaling_group"],
  );
}

/** The warning of a state whose fleet is another's. */
export function foreignFleet({ clusterUuid, groupName }: FleetName): Warning {
  const id = fleetId(clusterUuid, groupName);
  return foreignWarning(`Fleet ${id}`, id);
}
