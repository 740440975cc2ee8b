import { describe, expect, test } from "@jest/globals";
import type { MusterClient } from "../../../../provider/client/ports.js";
import { DiagnosticError } from "../../../../provider/core/diagnostic.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { budgetOf, budgetRules, declaredBudget } from "../../../../provider/resources/cluster/budget.js";
import type { FleetContext } from "../../../../provider/resources/fleet/context.js";
import { applyResize } from "../../../../provider/resources/fleet/resize.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";

const declared = { max_hours: 10, max_cost: null, price_per_hour: null };

describe("a muster_cluster's budget", () => {
  test("is in the registry as it is declared, and read back so", () => {
    expect(budgetOf(declared)).toEqual({ maxHours: 10, maxCost: null, pricePerHour: null });
    expect(declaredBudget(budgetOf(declared))).toEqual(declared);
    expect([budgetOf(null), declaredBudget(undefined), declaredBudget(null)]).toEqual([null, null, null]);
  });

  test.each([
    ["none", null, []],
    ["not known yet", UNKNOWN, []],
    ["hours", declared, []],
    ["a cost with a price", { max_hours: null, max_cost: 5, price_per_hour: 0.1 }, []],
    ["a cost whose price is not known yet", { max_hours: null, max_cost: 5, price_per_hour: UNKNOWN }, []],
    ["no limit", { max_hours: null, max_cost: null, price_per_hour: 1 }, ["A budget without a limit"]],
    [
      "a cost without a price",
      { max_hours: 10, max_cost: 5, price_per_hour: null },
      ["A budget's max_cost needs a price"],
    ],
  ])("with %s", (_name, budget, problems) => {
    expect(budgetRules(budget).map(({ summary }) => summary)).toEqual(problems);
  });
});

describe("a fleet's resize", () => {
  test("is refused before anything is changed while the budget is spent", async () => {
    const spent = clusterItem({
      ...{ clusterStatus: "PARKED", phase: "parked" },
      budget: { maxHours: 10, maxCost: null, pricePerHour: null },
      budgetUse: { month: "2026-01", nodeMs: 36_000_000, at: "2026-01-20T00:00:00.000Z" },
    });
    const client = { registry: { readCluster: async () => spent } } as unknown as MusterClient;
    const clock = { now: () => new Date("2026-01-20T00:00:00.000Z") };
    const resize = {
      ...{ clusterUuid: CLUSTER_UUID, nodes: 4, timeoutMs: 1_000 },
      group: { name: "g", minSize: 0, desired: 0, instances: [] },
      claim: { from: "o", to: { owner: "o", group: "g", nodes: 4, since: "2026-01-20T00:00:00.000Z" } },
    };
    // The client has no call that changes anything: one that was made would be another error.
    const refusal = applyResize(resize, { client, clock } as unknown as FleetContext);
    await expect(refusal).rejects.toThrow(DiagnosticError);
    await expect(refusal).rejects.toMatchObject({
      diagnostics: [{ code: "fleet-budget-spent", reasonCode: "cluster-budget-spent" }],
    });
  });
});
