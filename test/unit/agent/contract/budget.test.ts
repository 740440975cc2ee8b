import { describe, expect, test } from "@jest/globals";
import {
  type BudgetFacts,
  budgetHold,
  decideBudget,
  renderUse,
  viewBudget,
} from "../../../../agent/contract/budget.js";
import { parkedRefusal, resumeCluster, wakeForJob } from "../../../../agent/contract/park.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";
import { parkWorld } from "../../../support/agent/park-world.js";

const NOW = new Date("2026-01-20T00:00:00.000Z");
const HOUR_MS = 3_600_000;
const HOURS_10 = { maxHours: 10, maxCost: null, pricePerHour: null };
const USD_10 = { maxHours: null, maxCost: 10, pricePerHour: 2 };
const used = (hours: number, month = "2026-01") => ({
  ...{ month, nodeMs: hours * HOUR_MS },
  at: NOW.toISOString(),
});

/** Two nodes that ended now, after so many node hours. */
const partOf = (hours: number) => ({
  ...{ clusterUuid: "u", clusterName: "alpha", instanceType: "c5.large", nodes: 2 },
  from: new Date(NOW.getTime() - (hours * HOUR_MS) / 2).toISOString(),
  to: NOW.toISOString(),
});
const decide = (
  hours: number,
  change: Partial<BudgetFacts["cluster"]> = {},
  runningJob: string | null = null,
) =>
  decideBudget({
    cluster: { name: "alpha", budget: HOURS_10, ...change },
    ...{ parts: hours === 0 ? [] : [partOf(hours)], runningJob, now: NOW },
  });

describe("the decision about a budget", () => {
  test.each([
    ["nothing is used", 0, {}, null, "stay", null],
    ["less than 80 % is used", 7.99, {}, null, "stay", null],
    ["80 % is used", 8, {}, null, "stay", "budget-near"],
    ["80 % is used and it has warned", 9, { budgetUse: used(8) }, null, "stay", null],
    ["80 % is used while a job runs", 8, {}, "j-1", "stay", "budget-near"],
    ["all is used", 10, { budgetUse: used(9) }, null, "park", "budget-spent"],
    ["more is used, at once", 12, {}, null, "park", "budget-spent"],
    ["all is used while a job runs", 10, { budgetUse: used(9) }, "j-1", "wait", "budget-spent"],
    ["it has warned of that, and the job runs on", 11, { budgetUse: used(10) }, "j-1", "wait", null],
    ["it has warned of that, and the job is over", 11, { budgetUse: used(10) }, null, "park", null],
    [
      "the budget is higher since",
      11,
      { budget: { ...HOURS_10, maxHours: 20 }, budgetUse: used(10) },
      null,
      "stay",
      null,
    ],
    ["last month all was used", 1, { budgetUse: used(30, "2025-12") }, null, "stay", null],
    ["the clock was set back", 2, { budgetUse: used(9) }, null, "stay", null],
    [
      "a node's price is known, and no cost is limited",
      ...([7, { budget: { ...HOURS_10, pricePerHour: 2 } }, null, "stay", null] as const),
    ],
    ["80 % of the cost is used", 4, { budget: USD_10 }, null, "stay", "budget-near"],
    ["the cost is used", 5, { budget: USD_10 }, null, "park", "budget-spent"],
    [
      "the hours are used, and not the cost",
      4,
      { budget: { ...USD_10, maxHours: 4 } },
      null,
      "park",
      "budget-spent",
    ],
    [
      "the cost is used, and not the hours",
      5,
      { budget: { ...USD_10, maxHours: 99 } },
      null,
      "park",
      "budget-spent",
    ],
  ] as const)("when %s", (_name, hours, change, runningJob, is, warns) => {
    const decision = decide(hours, change, runningJob);
    expect([decision.is, decision.warning?.reasonCode ?? null]).toEqual([is, warns]);
  });

  test("counts in whole milliseconds of nodes, and never less than before in a month", () => {
    expect(decide(3).use).toEqual({ month: "2026-01", nodeMs: 3 * HOUR_MS, at: NOW.toISOString() });
    expect(decide(2, { budgetUse: used(9) }).use.nodeMs).toBe(9 * HOUR_MS);
  });

  test("says how much of which limit is used, and for which job it waits", () => {
    const decision = decide(11, { budget: { maxHours: 10, maxCost: 50, pricePerHour: 2 } }, "j-1");
    expect(decision).toMatchObject({ is: "wait", jobId: "j-1" });
    expect(decision.warning?.reason).toBe(
      "cluster alpha has used 110 % of its budget of 2026-01: 11.00 of 10 node hours, 22.00 of 50.00 USD",
    );
  });
});

describe("a budget that is spent", () => {
  const spent = { budget: HOURS_10, budgetUse: used(10) };
  const parked = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0, ...spent } as const;
  const world = (change: Parameters<typeof parkWorld>[0] = {}) => {
    const made = parkWorld({ ...parked, park: { at: NOW.toISOString(), nodes: 2 }, ...change });
    made.nowMs = NOW.getTime();
    return made;
  };
  const held = { reasonCode: "cluster-budget-spent" };

  test("holds a parked cluster against a job and a command", async () => {
    const made = world();
    expect(await wakeForJob(made.control(), made.put("late"), made.now)).toMatchObject(held);
    expect(await resumeCluster(made.control(), "ada", made.now)).toMatchObject({ is: "held", why: held });
    expect(made.cluster()).toMatchObject({ clusterStatus: "PARKED", desiredNodes: 0 });
  });

  test("takes no job while the cluster still has nodes", async () => {
    const awake = clusterItem({ clusterStatus: "FINISHED", phase: "ready", ...spent });
    expect(parkedRefusal(awake, NOW)).toMatchObject(held);
    const made = world({ clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2 });
    expect(await wakeForJob(made.control(), made.put("late"), made.now)).toMatchObject(held);
  });

  test("says until when", () => {
    const why = budgetHold({ name: "alpha", ...spent }, NOW);
    expect(why?.reason).toContain("it gets no nodes before 2026-02-01T00:00:00.000Z");
  });

  test.each([
    ["the next month", { ...parked }, "2026-02-01T00:00:00.000Z"],
    ["a higher budget", { ...parked, budget: { ...HOURS_10, maxHours: 10.01 } }, NOW.toISOString()],
    ["no budget any more", { ...parked, budget: null }, NOW.toISOString()],
  ])("is over with %s", async (_name, change, at) => {
    const made = world(change);
    made.nowMs = Date.parse(at);
    expect(await resumeCluster(made.control(), "ada", made.now)).toEqual({ is: "resumed", nodes: 2 });
  });
});

describe("a budget as people see it", () => {
  test("is null without one, and has nothing used in a month that nobody counted", () => {
    expect(viewBudget({ name: "alpha" }, NOW)).toBeNull();
    expect(viewBudget({ name: "alpha", budget: USD_10, budgetUse: used(4, "2025-12") }, NOW)).toMatchObject({
      ...{ month: "2026-01", hours: 0, costUsd: 0, share: 0, reasonCode: null, reason: null },
    });
  });

  test("shows the limits that it has", () => {
    expect(renderUse(USD_10, { hours: 1, costUsd: 2 })).toBe("2.00 of 10.00 USD");
    expect(renderUse(HOURS_10, { hours: 1.5, costUsd: null })).toBe("1.50 of 10 node hours");
  });
});
