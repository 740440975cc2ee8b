import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { createNodeHealth } from "../../../agent/node-health.js";
import { manualClock } from "../../support/manual-clock.js";

/** A node in order, of which each part may be told otherwise. */
function world() {
  const state = { orphans: [] as string[], mayHoldStrays: false, said: [] as string[] };
  const deps = {
    ...{ probes: [], readNotices: async () => ({ spot: null, maintenance: null, rebalance: null }) },
    ...{ clock: manualClock(), log: pino({ level: "silent" }) },
    createOrphans: () => ({
      failing: () => state.orphans,
      doubt: () => void state.said.push("orphans are doubted"),
    }),
  };
  const health = createNodeHealth(
    deps as never,
    () => void state.said.push("changed"),
    () => ({
      mayHoldStrays: () => state.mayHoldStrays,
      doubt: () => void state.said.push("jobs are doubted"),
    }),
  );
  return { state, health };
}

test("a node is not clean while ranks, or jobs, may have left something there, and that is one probe", () => {
  const { state, health } = world();
  expect(health.failingProbes()).toEqual([]);
  state.mayHoldStrays = true;
  expect(health.failingProbes()).toEqual(["orphans"]);
  state.orphans = ["orphans"];
  expect(health.failingProbes()).toEqual(["orphans"]);
  state.mayHoldStrays = false;
  expect(health.failingProbes()).toEqual(["orphans"]);
});

test("with each change of its head both are doubted, and the head hears of it where that is something", () => {
  const { state, health } = world();
  health.doubt();
  expect(state.said.splice(0)).toEqual(["orphans are doubted", "jobs are doubted"]);
  state.mayHoldStrays = true;
  health.doubt();
  expect(state.said).toEqual(["orphans are doubted", "jobs are doubted", "changed"]);
});

test("a machine that goes down says so once it is told, and at once", () => {
  const { state, health } = world();
  expect(health.shutsDown()).toBe(false);
  health.shutDown();
  expect([health.shutsDown(), state.said]).toEqual([true, ["changed"]]);
});
