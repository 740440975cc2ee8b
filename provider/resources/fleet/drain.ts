import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import type { GroupInstance } from "../../client/ports.js";
import { failure } from "../../core/diagnostic.js";
import { type Owned, standing } from "../ownership.js";
import { awaitJobs } from "./await-jobs.js";
import { foreignFleet, groupHolder } from "./claim.js";
import type { FleetContext, GroupContext } from "./context.js";

const LOOK_EVERY_MS = 1000;

export interface Drain extends Owned {
  readonly clusterUuid: string;
  readonly groupName: string;
  readonly timeoutMs: number;
  /** Whether the nodes of another fleet take the place of these: then they end when no job uses them. */
  readonly isReplaced: boolean;
}

/**
 * Sets the size to 0 and waits until every instance is terminated: at once where the fleet goes for good, and else after its jobs. May run again at any point; a missing cluster or group is not an
 * error. The cluster stays, PARKED, without nodes and without an owner of its fleet. Nodes of another resource are left alone, with
 * a warning.
 */
export async function applyDrain(drain: Drain, context: FleetContext): Promise<void> {
  const { client, warn } = context;
  const scope = await beginDrain(drain, context);
  if (scope === "nothing") {
    warn(foreignFleet(drain));
    return;
  }
  if (drain.isReplaced && scope !== "group" && scope !== "parked") await awaitJobs(drain, context);
  const group = await client.groups.describe(drain.groupName);
  if (group !== null) await client.groups.resize(group, 0);
  await awaitNoInstances(drain, context);
  if (scope === "group") return;
  await client.registry.clearWorkers(drain.clusterUuid);
  if (scope !== "parked") await endDrain(drain, scope.owner, context);
}

/**
 * What to drain: "nothing" if another resource owns it; only the "group" if the cluster is gone or has another group now; else the
 * cluster too, on condition that its fleet does not change. "parked": it was, and has lost its fleet already.
 */
type Scope = "nothing" | "group" | "parked" | Owner;
interface Owner {
  readonly owner: string | null;
}

async function observeScope(
  { clusterUuid, groupName, owner }: Drain,
  { client, privateState }: FleetContext,
): Promise<"nothing" | "group" | Owner> {
  const item = await client.registry.readCluster(clusterUuid);
  const claim = item?.fleet;
  const isTheirs = standing(claim?.owner, { owner }, privateState) === "foreign";
  if (item !== null && !isTheirs) return { owner: claim?.owner ?? null };
  if (claim?.group === groupName) return "nothing";
  return (await groupHolder(client, { clusterUuid, groupName }, "now")) === null ? "group" : "nothing";
}

/** Writes to the registry that there must be no nodes, before any terminates. */
async function beginDrain(drain: Drain, context: FleetContext): Promise<Scope> {
  const { client, clock } = context;
  const scope = await observeScope(drain, context);
  if (scope === "nothing" || scope === "group") return scope;
  const parked = clusterWrites.drainParked(drain.clusterUuid, scope.owner);
  const isParked = (await client.registry.updateCluster(parked)) !== null;
  if (isParked) return "parked";
  const begun = await client.registry.updateCluster(
    clusterWrites.drain(drain.clusterUuid, scope.owner, clock.now()),
  );
  // It is being removed, or was just taken over.
  if (begun === null) return observeScope(drain, context);
  // The head that would do it may go before it has.
  await client.registry.recordUsage(begun);
  return scope;
}

async function endDrain(
  { clusterUuid }: Drain,
  owner: string | null,
  { client: { registry }, clock }: FleetContext,
): Promise<void> {
  const parked = await registry.updateCluster(clusterWrites.park(clusterUuid, owner, clock.now()));
  // A cluster that is being removed keeps its status, but its fleet loses its owner.
  if (parked === null) {
    await registry.updateCluster(clusterWrites.claimFleet(clusterUuid, { from: owner, to: null }));
  }
}

async function awaitNoInstances(drain: Drain, context: FleetContext): Promise<void> {
  const { clusterUuid, groupName, timeoutMs } = drain;
  const what = `the instances of ${groupName} to terminate`;
  let left: readonly GroupInstance[] = [];
  try {
    await context.poll(
      what,
      async () => {
        left = await observeInstances(drain, context);
        if (left.length === 0) return { done: true, value: null };
        return { done: false, progress: `${left.length} left` };
      },
      { everyMs: LOOK_EVERY_MS, timeoutMs },
    );
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    const names = left.map(({ id, lifecycle }) => `${id} ${lifecycle}`).join(", ");
    throw failure(
      "fleet-not-drained",
      `The fleet of cluster ${clusterUuid} still has ${left.length} instances`,
      `${error.message} Left in group ${groupName}: ${names}. Destroy again to go on waiting; a longer timeouts.delete helps where instances are slow to stop.`,
    );
  }
}

/** A group's instances that are not terminated. From both views: an instance leaves its group before it is terminated, and joins it before EC2 lists it by tag. */
export async function observeInstances(
  { groupName }: Pick<Drain, "groupName">,
  { client }: Pick<GroupContext, "client">,
): Promise<readonly GroupInstance[]> {
  const [group, live] = await Promise.all([
    client.groups.describe(groupName),
    client.groups.liveInstances(groupName),
  ]);
  const byId = new Map([...(group?.instances ?? []), ...live].map((instance) => [instance.id, instance]));
  return [...byId.values()];
}
