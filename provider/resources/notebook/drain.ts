import type { NotebookItem } from "../../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import type { GroupInstance } from "../../client/ports.js";
import { failure } from "../../core/diagnostic.js";
import { observeInstances } from "../fleet/drain.js";
import { foreignWarning, type Owned, standing } from "../ownership.js";
import { applyAsSeen } from "./attach.js";
import type { NotebookContext } from "./context.js";

const LOOK_EVERY_MS = 1000;

export interface Drain extends Owned {
  readonly name: string;
  readonly groupName: string;
  readonly timeoutMs: number;
}

/**
 * Ends the notebook's node, waits until it is terminated, and deletes the notebook and its name. May run again at any point; what is
 * gone is no error. The home's files stay. One of another resource is left alone, with a warning.
 */
export async function applyDrain(drain: Drain, context: NotebookContext): Promise<void> {
  const { client, clock, privateState, warn } = context;
  const { notebooks, groups, org } = client;
  const { name, groupName } = drain;
  const held = await notebooks.readName(name);
  if (standing(held?.owner, drain, privateState) === "foreign") {
    warn(foreignWarning(`Notebook ${name}`, name));
    return;
  }
  // From here on, nothing starts it any more.
  const place = held === null ? null : { name, org, clusterUuid: held.clusterUuid, owner: held.owner };
  const seen = place === null ? null : await notebooks.read(place.clusterUuid, name);
  const remove = (notebook: NotebookItem) => notebookWrites.remove(notebook, clock.now());
  const removed =
    seen?.owner === place?.owner && seen !== null ? await applyAsSeen(seen, remove, client) : null;
  if (removed !== null) await notebooks.recordUsage(removed);
  const group = await groups.describe(groupName);
  if (group !== null) await groups.resize(group, 0);
  await awaitNoInstances(drain, context);
  if (place !== null) await notebooks.delete(place);
}

async function awaitNoInstances(
  { name, groupName, timeoutMs }: Drain,
  context: NotebookContext,
): Promise<void> {
  let left: readonly GroupInstance[] = [];
  try {
    await context.poll(
      `the node of notebook ${name} to terminate`,
      async () => {
        left = await observeInstances({ groupName }, context);
        if (left.length === 0) return { done: true, value: null };
        return { done: false, progress: renderInstances(left) };
      },
      { everyMs: LOOK_EVERY_MS, timeoutMs },
    );
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw failure(
      "notebook-not-drained",
      `Notebook ${name} still has a node`,
      `${error.message} Left in group ${groupName}: ${renderInstances(left)}. Destroy again to go on waiting; a longer timeouts.delete helps where instances are slow to stop.`,
    );
  }
}

const renderInstances = (instances: readonly GroupInstance[]): string =>
  instances.map(({ id, lifecycle }) => `${id} ${lifecycle}`).join(", ");
