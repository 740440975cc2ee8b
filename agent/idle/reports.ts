import type { NodeActivity } from "../contract/activity.js";
import type { Clock } from "../time/clock.js";

/** What nodes last reported of activity there, on the head. */
export interface ActivityReports {
  /** A hello or a heartbeat. `activity` undefined: the node's agent is older than this contract. */
  note(id: string, activity: readonly NodeActivity[] | undefined): void;
  of(id: string): { readonly report: readonly NodeActivity[] | null; readonly reportedMsAgo: number };
  /** Forgets all others. */
  keepOnly(ids: ReadonlySet<string>): void;
}

export function createActivityReports(clock: Pick<Clock, "monotonicMs">): ActivityReports {
  const latest = new Map<
    string,
    { readonly report: readonly NodeActivity[] | null; readonly atMs: number }
  >();
  return {
    note: (id, activity) => void latest.set(id, { report: activity ?? null, atMs: clock.monotonicMs() }),
    of(id) {
      const { report = null, atMs = Number.NEGATIVE_INFINITY } = latest.get(id) ?? {};
      return { report, reportedMsAgo: clock.monotonicMs() - atMs };
    },
    keepOnly(ids) {
      for (const id of latest.keys()) if (!ids.has(id)) latest.delete(id);
    },
  };
}
