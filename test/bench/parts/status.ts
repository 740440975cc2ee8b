import type { BenchPart } from "../part.js";
import { atMost, type Measured, timesAtLeast } from "../row.js";
import { measureStatus, type StatusRun } from "../status/measure.js";

/** How many who ask one agent for a cluster's status, or for a job, it serves on one core. */
export const statusPart: BenchPart = {
  name: "status",
  needs: "linux",
  async measure({ work, sizes }) {
    return statusRows(await measureStatus(work, sizes));
  },
};

const GOAL_OF_HELLO = timesAtLeast(0.5);
const GOAL_P99 = atMost(10);
/** One for each of them is what is not to be. */
const GOAL_READS = atMost(0.01);

/** The goals are those of a cluster of few nodes: a longer answer takes longer. */
export function statusRows({ hello, ours, jobReads }: StatusRun): readonly Measured[] {
  const reads: Measured = {
    ...{ what: "GET /v1/jobs/:id, registry reads an answer", unit: "", ours: jobReads, goal: GOAL_READS },
  };
  const rows = ours.flatMap(({ name, hasGoal, perSecond, p99Ms }): Measured[] => [
    {
      ...{ what: name, unit: "/s" as const, ours: perSecond },
      beside: { name: hello.name, value: hello.perSecond },
      ...(hasGoal ? { goal: GOAL_OF_HELLO } : {}),
    },
    {
      ...{ what: `${name}, p99`, unit: "ms" as const, ours: p99Ms },
      beside: { name: hello.name, value: hello.p99Ms },
      ...(hasGoal ? { goal: GOAL_P99 } : {}),
    },
  ]);
  return [...rows, reads];
}
