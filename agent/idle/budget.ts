import {
  type Budget,
  type BudgetDecision,
  type BudgetUse,
  budgetHold,
  decideBudget,
} from "../contract/budget.js";
import { beginPark, type ParkControl } from "../contract/park.js";
import type { Because, JobReasonCode } from "../contract/reasons.js";
import type { ClusterItem } from "../contract/registry.js";
import { monthOf, type UsageItem } from "../contract/usage.js";
import { clusterParts } from "../contract/usage-report.js";
import { clusterWrites } from "../contract/writes/cluster.js";

export interface BudgetWatchDeps {
  readonly control: ParkControl;
  /** The held lease's generation; null: this node is not head. */
  generation(): number | null;
  /** The cluster's usage records of a month, consistently read: 2026-11. */
  usageOf(month: string): Promise<readonly UsageItem[]>;
  /** The job that this head has; null: none. */
  runningJob(): string | null;
  /** The ids of the jobs that wait. */
  waiting(): Promise<readonly string[]>;
  /** Ends a job that no head has claimed; false: it is not NEW any more. */
  refuse(jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  monotonicMs(): number;
  now(): Date;
}

/** Looks after the budget of a cluster that has nodes. */
export interface BudgetWatch {
  /** True: the budget is spent, and the cluster's park has begun. `cluster`: FINISHED or FAILED. */
  look(cluster: ClusterItem): Promise<boolean>;
}

/** So often the usage is counted: a cluster goes over its budget by so much at most, and by the job that runs then. */
export const COUNT_EVERY_MS = 60_000;

type BudgetedCluster = ClusterItem & { readonly budget: Budget };
const isBudgeted = (cluster: ClusterItem): cluster is BudgetedCluster =>
  cluster.budget !== null && cluster.budget !== undefined;

export function createBudgetWatch(deps: BudgetWatchDeps): BudgetWatch {
  const { control, now } = deps;
  /** When it last counted, and the budget that it compared with: a change of that counts at once. */
  let last: { readonly atMs: number; readonly budget: string } | null = null;

  const isDue = ({ budget }: BudgetedCluster): boolean =>
    last?.budget !== JSON.stringify(budget) || deps.monotonicMs() - last.atMs >= COUNT_EVERY_MS;

  async function write(uuid: string, use: BudgetUse): Promise<boolean> {
    const generation = deps.generation();
    return generation !== null && control.perform(clusterWrites.noteBudget(uuid, generation, use));
  }

  async function count(cluster: BudgetedCluster): Promise<BudgetDecision> {
    const at = now();
    const month = monthOf(at.toISOString());
    const parts = clusterParts(await deps.usageOf(month), [cluster], month, at);
    return decideBudget({ cluster, parts, runningJob: deps.runningJob(), now: at });
  }

  /** Nothing else would end them: the cluster takes no job any more, and a job that waits keeps it from its park. */
  async function refuseWaiting(cluster: ClusterItem): Promise<void> {
    const why = budgetHold(cluster, now());
    if (why === null) return;
    for (const jobId of await deps.waiting()) await deps.refuse(jobId, why, now());
  }

  return {
    async look(cluster) {
      // While it is spent and a job runs, each look sees whether that is over.
      if (!isBudgeted(cluster) || !(isDue(cluster) || budgetHold(cluster, now()) !== null)) return false;
      // Before the records, or what is recorded in between is in neither.
      const fresh = await control.readCluster();
      if (fresh === null || !isBudgeted(fresh) || fresh.clusterStatus !== cluster.clusterStatus) return false;
      const decision = await count(fresh);
      if (!(await write(fresh.uuid, decision.use))) return false;
      last = { atMs: deps.monotonicMs(), budget: JSON.stringify(fresh.budget) };
      const { warning } = decision;
      if (warning !== null)
        control.note({
          code: warning.reasonCode === "budget-spent" ? "budget-spent" : "budget-warning",
          text:
            decision.is === "wait"
              ? `${warning.reason}; it parks after job ${decision.jobId}`
              : warning.reason,
        });
      if (decision.is === "stay") return false;
      await refuseWaiting({ ...fresh, budgetUse: decision.use });
      return decision.is === "park" && beginPark(control, fresh, decision.why, now);
    },
  };
}
