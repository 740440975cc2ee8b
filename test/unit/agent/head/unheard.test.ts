import { expect, test } from "@jest/globals";
import { pino } from "pino";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { createUnheard } from "../../../../agent/head/unheard.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const MINUTE_MS = 60_000;
const fleet = { owner: "one", group: "alpha", nodes: 3, since: "2026-01-01T00:00:00.000Z" };

/** Of a group that has three instances; two of them were heard. */
function world(change: Partial<ClusterItem> = {}, perHour: number | null = null, bootMs = 15 * MINUTE_MS) {
  const clock = manualClock();
  const asked: string[] = [];
  const given = { fails: false, usable: 2, known: new Set(["i-a", "i-b"]) };
  const meta = clusterItem({
    clusterStatus: "FINISHED",
    phase: "degraded",
    desiredNodes: 3,
    fleet,
    ...change,
  });
  const unheard = createUnheard({
    group: {
      async instances(name) {
        asked.push(name);
        if (given.fails) throw new Error("throttled");
        return ["i-a", "i-b", "i-c"];
      },
    },
    limits: { bootMs, perHour },
    ...{ clock, log: pino({ level: "silent" }) },
  });
  async function look(afterMs = 0): Promise<readonly string[]> {
    clock.advance(afterMs);
    const seen = unheard.look(meta, given.usable, given.known);
    await new Promise((resolve) => setImmediate(resolve));
    for (const node of seen) expect(node).toMatchObject({ address: "", failingProbes: ["heartbeat"] });
    return seen.map(({ id }) => id);
  }
  return { asked, given, look };
}

test("Auto Scaling is asked once nodes have been missing for a minute, and each minute from then on", async () => {
  const { asked, look } = world();
  expect([await look(), await look(59_999), asked]).toEqual([[], [], []]);
  expect([await look(1), asked]).toEqual([[], ["alpha"]]);
  expect([await look(1), asked.length]).toEqual([["i-c"], 1]);
  expect([await look(59_998), asked.length]).toEqual([["i-c"], 1]);
  expect([await look(1), asked.length]).toEqual([["i-c"], 2]);
});

test("where a node boots in a minute Auto Scaling is asked six times in that", async () => {
  const { asked, look } = world({}, null, MINUTE_MS);
  await look();
  await look(9_999);
  expect(asked).toEqual([]);
  await look(1);
  expect(asked).toEqual(["alpha"]);
});

test("one that has been heard meanwhile is none, and none is left where no node is missing any more", async () => {
  const { asked, given, look } = world();
  for (const ms of [0, MINUTE_MS]) await look(ms);
  given.known.add("i-c");
  expect(await look(1_000)).toEqual([]);
  given.known.delete("i-c");
  expect(await look(1_000)).toEqual(["i-c"]);
  given.usable = 3;
  expect(await look(1_000)).toEqual([]);
  given.usable = 2;
  expect([await look(1_000), await look(59_999), asked.length]).toEqual([[], [], 1]);
});

test("what Auto Scaling said before counts while it does not answer", async () => {
  const { given, look } = world();
  for (const ms of [0, MINUTE_MS]) await look(ms);
  given.fails = true;
  expect([await look(MINUTE_MS), await look(MINUTE_MS)]).toEqual([["i-c"], ["i-c"]]);
});

test.each<[string, Partial<ClusterItem>, number | null]>([
  ["that is parked", { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 }, null],
  ["that is removed", { clusterStatus: "REMOVING", phase: "removing" }, null],
  ["that shrinks", { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", shrinksFrom: 5 }, null],
  ["whose nodes are not replaced", {}, 0],
])("of a cluster %s Auto Scaling is not asked", async (_name, change, perHour) => {
  const { asked, look } = world(change, perHour);
  for (const ms of [0, MINUTE_MS, MINUTE_MS]) expect(await look(ms)).toEqual([]);
  expect(asked).toEqual([]);
});
