import type { NotebookItem } from "../../../agent/contract/registry.js";
import type { GroupMember, ScalingGroup } from "../../client/ports.js";
import { isEnding } from "./state.js";

/** What becomes of the instances of a notebook's group. */
export interface Renewal {
  /** To be ended, by id. */
  readonly end: readonly string[];
  /** The one that may stay; null: the group has to start one. */
  readonly keep: string | null;
  /** The node of before, whose words count no more; null: there is none. */
  readonly retiring: string | null;
}

/** Which instances have to go, for a node of the launch template's `version`. Pure. */
export function planRenewal(
  item: Pick<NotebookItem, "status" | "retiring">,
  { instances }: Pick<ScalingGroup, "instances">,
  version: string,
): Renewal {
  const present = instances.filter((instance) => !isEnding(instance));
  const kept = present.find((instance) => isWanted(instance, item, version));
  const gone = instances.filter((instance) => instance !== kept);
  return {
    end: present.filter((instance) => instance !== kept).map(({ id }) => id),
    keep: kept?.id ?? null,
    retiring: gone[0]?.id ?? item.retiring,
  };
}

function isWanted(
  { id, template }: GroupMember,
  { status, retiring }: Pick<NotebookItem, "status" | "retiring">,
  version: string,
): boolean {
  if (id === retiring) return false;
  if (template !== null) return template === version;
  // The group does not say: what an unfinished renewal has started stays.
  return status === "INPROGRESS" && retiring !== null;
}
