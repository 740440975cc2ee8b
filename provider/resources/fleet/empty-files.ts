import { clusterFolderPath } from "../../../agent/contract/names.js";
import { type Because, because, type ClusterReasonCode } from "../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import type { PrivateState } from "../../core/private-state.js";
import { standing } from "../ownership.js";
import type { FleetContext } from "./context.js";
import type { FleetState } from "./state.js";

const LOOK_EVERY_MS = 1000;
/** Files that are left after this time stay: a destroy must not hang on an unreachable bucket, or on a job. */
const TIMEOUT_MS = 120_000;
const REMOVAL = "removal";

type Why = Because<ClusterReasonCode>;
const NO_NODE = because("files-no-node", "it has no node that could empty them");
const NOT_ASKED = because("files-not-asked", "the cluster no longer takes such a request");
const HEAD_SILENT = because("files-head-silent", "its head node has not answered");

/**
 * Notes in the plan that the fleet is destroyed for good. A replacement, even of a tainted fleet, has the private state of the new
 * object's plan, which never has the note. So the destroy of a replacement can be distinguished, and empties nothing.
 */
export function noteRemoval(privateState: PrivateState): void {
  privateState.set(REMOVAL, true);
}

/** Whether the fleet that is deleted goes for good. */
export const isRemoval = (privateState: PrivateState): boolean => privateState.get(REMOVAL) === true;

/** Removes the note of a destroy that did not happen. */
export function forgetRemoval(privateState: PrivateState): void {
  if (privateState.get(REMOVAL) !== null) privateState.set(REMOVAL, null);
}

/**
 * If the fleet is destroyed for good and its configuration asks for it, asks the head to empty the cluster's folders, and waits for
 * that. The nodes must still exist, because nothing else reaches the folders. Never fails if files are left: it warns.
 */
export async function applyEmptying(state: FleetState, context: FleetContext): Promise<void> {
  if (!state.empty_shared_on_destroy || !isRemoval(context.privateState)) return;
  const { cluster_uuid: uuid } = state;
  const before = await context.client.registry.readCluster(uuid);
  // A cluster that never had a node has empty folders.
  if (before === null || before.leaseGeneration === 0 || before.files === "emptied") return;
  // Another muster_fleet owns the cluster and its files now.
  const owner = before.fleet?.owner;
  if (standing(owner, state, context.privateState) === "foreign") return;
  if (before.knownNodes === 0) return warnOfLeft(uuid, NO_NODE, context);
  const asked = await context.client.registry.updateCluster(
    clusterWrites.emptyFiles(uuid, owner ?? null, context.clock.now()),
  );
  if (asked === null) return warnOfLeft(uuid, NOT_ASKED, context);
  const why = await awaitEmptied(asked, context);
  if (why !== null) warnOfLeft(uuid, why, context);
}

/** Null once the folders are empty; else the reason why they were not when the time was over. */
async function awaitEmptied(asked: ClusterItem, { client, poll }: FleetContext): Promise<Why | null> {
  let why: Why = HEAD_SILENT;
  const look = async () => {
    const item = await client.registry.readCluster(asked.uuid);
    if (item === null || item.files === "emptied") return { done: true, value: null } as const;
    const { filesReasonCode: reasonCode, filesReason: reason } = item;
    if (reasonCode != null && reason != null) why = because(reasonCode, reason);
    return { done: false, progress: why.reason } as const;
  };
  const times = { everyMs: LOOK_EVERY_MS, timeoutMs: TIMEOUT_MS };
  return poll(`the folders of cluster ${asked.uuid} to be emptied`, look, times).catch((error: unknown) => {
    if (error instanceof WaitTimeoutError) return why;
    throw error;
  });
}

function warnOfLeft(uuid: string, { reasonCode, reason }: Why, { warn }: FleetContext): void {
  const folders = [clusterFolderPath(uuid, "shared"), clusterFolderPath(uuid, "agents")].join(" and ");
  warn({
    ...{ code: "fleet-files-left", reasonCode },
    summary: `Files of cluster ${uuid} are left`,
    detail: `Its folders could not be emptied: ${reason}. The destroy goes on without that. Left on the org's file system: ${folders}; EFS Standard costs about 0.30 USD per GB and month in us-east-1. To remove them, mount the file system's root and delete them, or destroy the org, whose file system goes with all that is in it.`,
  });
}
