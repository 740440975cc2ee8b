import { nameJobs, watchShrink } from "../../../agent/contract/resize.js";
import { runningJobs } from "./await-jobs.js";
import type { FleetContext } from "./context.js";

/** What an apply sees of a cluster that shrinks. */
export interface Shrinking {
  /**
   * Looks once. `done`: nothing is left to wait for, as the head has ended the surplus, or the cluster is another's to say.
   * `free`: no head does it, and no job runs. Else what it waits for.
   */
  look(): Promise<"done" | "free" | { readonly waitsFor: string }>;
  /** What a person has to know and do where the time is up; null: no job is in the way. */
  holder(): { readonly reason: string; readonly next: string } | null;
}

/** Watches the cluster, after META says how many nodes are to stay. */
export function watchShrinking(
  { clusterUuid, nodes }: { readonly clusterUuid: string; readonly nodes: number },
  { client, clock }: Pick<FleetContext, "client" | "clock">,
): Shrinking {
  let jobs: readonly string[] = [];
  const look = watchShrink(
    nodes,
    {
      readCluster: () => client.registry.readCluster(clusterUuid),
      runningJobs: () => runningJobs(clusterUuid, { client }),
    },
    clock.monotonicMs,
  );
  return {
    async look() {
      const seen = await look();
      jobs = seen.is === "held" ? seen.jobs : [];
      if (seen.is === "held") return { waitsFor: seen.what };
      return seen.is === "free" ? "free" : "done";
    },
    holder() {
      const [first] = jobs;
      if (first === undefined) return null;
      return {
        reason: `${nameJobs(jobs)} still ${jobs.length === 1 ? "uses" : "use"} the nodes, and no job loses a node to a resize`,
        next: `wait for the end of ${nameJobs(jobs)}, or end it (muster job cancel ${first}), then apply again; or give timeouts.update the time that the job takes. Until then the cluster keeps its nodes.`,
      };
    },
  };
}
