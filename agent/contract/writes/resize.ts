import { clusterMove } from "../cluster-state.js";
import { META_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import { NO_REASON } from "../reasons.js";
import type { ClusterItem } from "../registry.js";
import { all, equal, legal, oneOf, present, type Update, update } from "./write.js";

/** META as it was read, as far as a resize depends on it. */
export type ResizeSeen = Pick<ClusterItem, "uuid" | "clusterStatus" | "desiredNodes">;

/** What a person asks for. `by`: who, an ARN. `from`: how many nodes there are, wanted or not. */
export interface ResizeWanted {
  readonly nodes: number;
  readonly by: string;
  readonly from: number;
}

/** What META says of a group that has `from` instances and is to have `nodes`. Pure. */
export const shrinksFrom = (nodes: number, from: number): Pick<ClusterItem, "shrinksFrom"> =>
  from > nodes ? { shrinksFrom: from } : {};

const RESIZE = clusterMove(["resize"]);

/** The legal writes of `META` for a resize that is no apply. */
export const resizeWrites = {
  resizeOnRequest: legal(
    {
      by: ["submitter"],
      why: "A person asks for another number of nodes, before the group's size is set; the fleet stays its owner's. Not where the status or the size has moved since it was read: of two at once, the registry says who was first.",
    },
    (seen: ResizeSeen, { nodes, by, from }: ResizeWanted, at: Date): Update =>
      update(
        partitionKeyed(seen.uuid, META_SK),
        {
          set: {
            clusterStatus: RESIZE.to,
            phase: "waiting-for-nodes",
            ...NO_REASON,
            statusChangedAt: at.toISOString(),
            desiredNodes: nodes,
            ...shrinksFrom(nodes, from),
            resize: { at: at.toISOString(), by },
          },
          // Whose resize it was is asked of the latest one alone.
          remove: ["resume", ...(from > nodes ? [] : ["shrinksFrom"])],
        },
        all(
          present(PARTITION_KEY),
          present("fleet"),
          oneOf("clusterStatus", RESIZE.from),
          equal("clusterStatus", seen.clusterStatus),
          equal("desiredNodes", seen.desiredNodes),
        ),
      ),
  ),
} as const;
