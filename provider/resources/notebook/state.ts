import { parseDuration } from "../../../agent/contract/duration.js";
import type { NotebookItem } from "../../../agent/contract/registry.js";
import type { GroupMember, ScalingGroup } from "../../client/ports.js";
import type { Computed, State } from "../../core/types.js";
import { DEFAULT_TIMEOUTS, type notebookSchema } from "./schema.js";

export type NotebookState = State<typeof notebookSchema>;

/** The attributes from the registry. A parked notebook has no node: what was known of its last one stays. */
export function computedNotebook(
  item: NotebookItem,
  prior: Partial<Pick<NotebookState, "address" | "instance_id">> = {},
): Computed<typeof notebookSchema> {
  return {
    id: item.name,
    owner: item.owner,
    address: item.address ?? prior.address ?? null,
    instance_id: item.instanceId ?? prior.instance_id ?? null,
  };
}

/** What a read returns for a notebook that no other resource owns. */
export function observedNotebook(
  item: NotebookItem,
  group: ScalingGroup | null,
  state: NotebookState,
): Partial<{ [K in keyof NotebookState]: NotebookState[K] | null }> {
  // An import has no version yet: it is that of the node that runs.
  const known = (state.node_version as string | null) ?? presentNode(group)?.template ?? null;
  return {
    ...computedNotebook(item, state),
    owner: state.owner,
    cluster_uuid: item.clusterUuid,
    autoscaling_group: groupOf(item, state),
    node_version: isSettled(item, group) ? known : null,
  };
}

/** Of an import, which has none yet, the registry's. */
export const groupOf = (item: NotebookItem, state: Pick<NotebookState, "autoscaling_group">): string =>
  (state.autoscaling_group as string | null) ?? item.group;

/**
 * Whether the last apply finished. If not, the next plan continues it. A park, and a start by command, are none of its business;
 * a group that is empty for another reason is filled again. Pure.
 */
export function isSettled(
  { status, retiring }: Pick<NotebookItem, "status" | "retiring">,
  group: ScalingGroup | null,
): boolean {
  if (group === null) return false;
  switch (status) {
    case "PARKED":
      return true;
    case "FINISHED":
      return group.desired > 0;
    case "INPROGRESS":
      return group.desired > 0 && !group.instances.some(({ id }) => id === retiring);
    default:
      return false;
  }
}

/** Auto Scaling's words for an instance on its way out. */
export const isEnding = ({ lifecycle }: Pick<GroupMember, "lifecycle">): boolean =>
  /^(Terminat|Detach)/.test(lifecycle);

/** The one that the group does not end yet. */
const presentNode = (group: ScalingGroup | null): GroupMember | undefined =>
  group?.instances.find((instance) => !isEnding(instance));

/** The bound on one action, in milliseconds: the user's or the default. */
export function timeoutMs(state: NotebookState, action: keyof typeof DEFAULT_TIMEOUTS): number {
  const given = parseDuration(state.timeouts?.[action] ?? DEFAULT_TIMEOUTS[action]);
  if (given === null)
    throw new Error(`The ${action} timeout is no duration; validation should have refused it.`);
  return given;
}
