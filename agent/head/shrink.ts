import type { Logger } from "pino";
import type { NodeDrain } from "../contract/node-drain.js";
import { isWorker } from "../contract/node-kind.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import { isShrinking } from "../contract/resize.js";
import { reasonOf } from "../errors.js";
import type { GroupControl } from "./group.js";
import { isBySurplus } from "./surplus-plan.js";

/** The group's size, as a head makes it that of META. */
export interface Shrink {
  /**
   * Whether the group's size is to be set now: none of the surplus is left, and no job runs. An instance that no head has heard may be
   * in the group still: Auto Scaling ends it, or another, and no job loses a node to that.
   */
  isDue(look: Look): boolean;
  /** Sets the group's size to what META wants, unless it wants another by now. That it has it is the usual case. Throws SDK errors. */
  finish(meta: ClusterItem): Promise<void>;
  /**
   * Call after the group was changed: where META wants another number by now, that is set again. Who wrote META may have set it before the
   * change; if not, the group's maximum may refuse it, and who wrote META sets it yet.
   */
  follow(meta: ClusterItem): Promise<void>;
  /** What keeps the cluster from being as small as is wanted, for people; null: nothing. */
  pending(look: Look): string | null;
}

/** What the head sees of a cluster that may shrink. */
interface Look {
  readonly meta: ClusterItem;
  readonly nodes: readonly NodeSummary[];
  holdsWork(node: NodeSummary): boolean;
}

export interface ShrinkDeps {
  readonly group: Pick<GroupControl, "setSize">;
  /** META, consistently read; null: the cluster is gone. */
  readCluster(): Promise<ClusterItem | null>;
  drains(): ReadonlyMap<string, NodeDrain>;
  readonly log: Logger;
}

const NAMED_NODES = 5;

/** Makes it for one term. */
export function createShrink({ group, readCluster, drains, log }: ShrinkDeps): Shrink {
  /** The request whose size is set: by when it was made. */
  let finished: string | null = null;

  const isToGo = ({ id }: NodeSummary): boolean => {
    const drain = drains().get(id);
    return drain !== undefined && drain.endedAt === null && isBySurplus(drain);
  };
  const staying = ({ nodes }: Look) =>
    nodes.filter((node) => isWorker(node) && !drains().get(node.id)?.endedAt);

  function left(look: Look): string | null {
    const there = staying(look);
    const wanted = look.meta.desiredNodes;
    if (there.length <= wanted) return there.some(look.holdsWork) ? "a job runs" : null;
    const named = there
      .filter(isToGo)
      .slice(0, NAMED_NODES)
      .map((node) => `${node.id} goes ${look.holdsWork(node) ? "when the job on it has ended" : "now"}`);
    return [`${there.length} nodes are there, and ${wanted} wanted`, ...named].join("; ");
  }

  return {
    isDue: (look) => isShrinking(look.meta) && look.meta.statusChangedAt !== finished && left(look) === null,
    async finish(meta) {
      const now = await readCluster();
      if (now === null || now.statusChangedAt !== meta.statusChangedAt || !isShrinking(now)) return;
      if (now.fleet !== undefined) await group.setSize(now.fleet.group, now.desiredNodes);
      finished = now.statusChangedAt;
    },
    async follow({ desiredNodes }) {
      const now = await readCluster();
      if (now?.fleet === undefined || now.clusterStatus !== "INPROGRESS") return;
      if (now.desiredNodes === desiredNodes || now.desiredNodes === 0) return;
      await group
        .setSize(now.fleet.group, now.desiredNodes)
        .catch((error: unknown) =>
          log.info({ reason: reasonOf(error) }, "the group's size is not set again"),
        );
    },
    pending(look) {
      if (!isShrinking(look.meta)) return null;
      return left(look) ?? (look.meta.statusChangedAt === finished ? null : "the group's size is being set");
    },
  };
}
