import { failure } from "../../core/diagnostic.js";
import { PollTimeoutError } from "../../core/poll.js";
import type { GroupInstance } from "../ports.js";
import { statusMove } from "../status-move.js";
import type { FleetContext } from "./context.js";

const LOOK_EVERY_MS = 1000;

export interface Drain {
  readonly clusterUuid: string;
  readonly groupName: string;
  readonly timeoutMs: number;
}

/**
 * Sets the size to 0 and waits until every instance is terminated. May run again at any point; a cluster or a group that
 * is gone already is no error. Leaves the cluster PARKED: it lives on without nodes.
 */
export async function applyDrain(drain: Drain, context: FleetContext): Promise<void> {
  const { client, clock } = context;
  await client.registry.updateCluster(drain.clusterUuid, {
    values: { desiredNodes: 0, phase: "draining", reason: null, statusChangedAt: clock.now().toISOString() },
    move: statusMove(["resize"]),
  });
  const group = await client.groups.describe(drain.groupName);
  if (group !== null) await client.groups.resize(group, 0);
  await awaitNoInstances(drain, context);
  // Nought of nought nodes are ready, and a cluster without nodes is parked. No head is left to write this.
  await client.registry.updateCluster(drain.clusterUuid, {
    values: {
      phase: "no-nodes",
      nodes: [],
      hostfileNodes: 0,
      cores: 0,
      headInstanceId: null,
      statusChangedAt: clock.now().toISOString(),
    },
    move: statusMove(["ready", "park"]),
    onlyIf: { desiredNodes: 0 },
  });
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
    if (!(error instanceof PollTimeoutError)) throw error;
    const names = left.map(({ id, lifecycle }) => `${id} ${lifecycle}`).join(", ");
    throw failure(
      `The fleet of cluster ${clusterUuid} still has ${left.length} instances`,
      `${error.message} Left in group ${groupName}: ${names}. Destroy again to go on waiting; a longer timeouts.delete helps where instances are slow to stop.`,
    );
  }
}

/** Both views, because an instance leaves its group before it is terminated, and joins it before EC2 lists it by tag. */
async function observeInstances(
  { groupName }: Drain,
  { client }: FleetContext,
): Promise<readonly GroupInstance[]> {
  const [group, live] = await Promise.all([
    client.groups.describe(groupName),
    client.groups.liveInstances(groupName),
  ]);
  const byId = new Map([...(group?.instances ?? []), ...live].map((instance) => [instance.id, instance]));
  return [...byId.values()];
}
