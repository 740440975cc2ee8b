import type { BenchPart } from "../part.js";
import { atMost, type Measured, timesAtLeast } from "../row.js";
import { measureStatus, type StatusFigures } from "../status/measure.js";

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

/** The goals are those of a cluster of few nodes: a longer answer takes longer. */
export function statusRows({
  hello,
  ours,
}: {
  readonly hello: StatusFigures;
  readonly ours: readonly StatusFigures[];
}): readonly Measured[] {
  return ours.flatMap(({ name, hasGoal, perSecond, p99Ms }) => [
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
}
