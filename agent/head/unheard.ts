import type { Logger } from "pino";
import { SILENT_PROBE } from "../contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import { isShrinking } from "../contract/resize.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import type { GroupControl } from "./group.js";
import type { ReplacementLimits } from "./replacement-limits.js";
import { keepsNodes } from "./replacement-view.js";

export interface UnheardDeps {
  readonly group: Pick<GroupControl, "instances">;
  readonly limits: Pick<ReplacementLimits, "bootMs" | "perHour">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Logger;
}

/** The instances of the group that this head has not heard: of one whose agent does not start the registry has nothing. */
export interface Unheard {
  /**
   * As they were when Auto Scaling was last asked, as nodes that are silent and have no address. It is asked while nodes are missing, and not
   * in the first minute of it: most instances report by then. Returns at once; what it asks for is in a later look. `known`: the nodes that were heard.
   */
  look(meta: ClusterItem, usableNodes: number, known: ReadonlySet<string>): readonly NodeSummary[];
}

const ASK_EVERY_MS = 60_000;

/** Makes it for one term. */
export function createUnheard({ group, limits, clock, log }: UnheardDeps): Unheard {
  const everyMs = Math.min(ASK_EVERY_MS, limits.bootMs / 6);
  let ids: readonly string[] = [];
  /** When Auto Scaling was asked, or nodes began to be missing; null: none is missing. */
  let sinceMs: number | null = null;

  function ask(name: string): void {
    group.instances(name).then(
      (found) => {
        if (sinceMs !== null) ids = found;
      },
      (error: unknown) =>
        log.warn({ reason: reasonOf(error) }, "the group's instances can't be listed; trying again"),
    );
  }

  return {
    look(meta, usableNodes, known) {
      const { fleet, desiredNodes } = meta;
      const isMissing = usableNodes < desiredNodes && keepsNodes(meta) && !isShrinking(meta);
      if (!isMissing || fleet === undefined || limits.perHour === 0) {
        [ids, sinceMs] = [[], null];
        return [];
      }
      const nowMs = clock.monotonicMs();
      sinceMs ??= nowMs;
      if (nowMs - sinceMs >= everyMs) {
        sinceMs = nowMs;
        ask(fleet.group);
      }
      return ids.filter((id) => !known.has(id)).map(silentNode);
    },
  };
}

const silentNode = (id: string): NodeSummary => ({
  ...{ id, address: "", hostname: "", cores: 0, kind: "worker", state: "unready" },
  failingProbes: [SILENT_PROBE],
  reasonCode: null,
});
