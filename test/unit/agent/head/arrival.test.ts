import { describe, expect, test } from "@jest/globals";
import { createArrival } from "../../../../agent/head/arrival.js";
import { inherit, type Members, report } from "../../../../agent/head/members.js";
import { nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const SILENT_MS = 6_000;
const NODES = ["i-a", "i-b", "i-c", "i-d", "i-e", "i-f", "i-g"];

/** A head's arrival with nodes of the head before, of which none has come; `come` takes one on. */
function arriving() {
  const clock = manualClock();
  const waiting = NODES.map((id) => nodeSummary(id));
  let members: Members = inherit(new Map(), waiting, clock.monotonicMs());
  const arrival = createArrival(SILENT_MS, clock);
  const isGoingOn = () => arrival.isGoingOn(members);
  isGoingOn();
  return {
    isGoingOn,
    passed(ms: number): boolean {
      clock.advance(ms);
      return isGoingOn();
    },
    come(): boolean {
      const node = waiting.pop();
      if (node !== undefined) members = report(members, node, [], clock.monotonicMs());
      return isGoingOn();
    },
  };
}

describe("nodes that the head before listed", () => {
  test("have as long to come as any node has to report, and no longer where none comes", () => {
    const { passed } = arriving();
    expect([passed(5_999), passed(1)]).toEqual([true, false]);
  });

  test("have no more time because of nodes that came early", () => {
    const { passed, come } = arriving();
    expect([passed(3_000), come(), passed(2_999), passed(1)]).toEqual([true, true, true, false]);
  });

  test("have more time while others still come, half of it after each", () => {
    const { passed, come } = arriving();
    expect([passed(5_000), come(), passed(2_999), come(), passed(2_999), passed(1)]).toEqual([
      ...[true, true, true, true, true, false],
    ]);
  });

  test("have three times as long at most, whatever comes", () => {
    const { passed, come } = arriving();
    for (let atMs = 2_500; atMs < 3 * SILENT_MS; atMs += 2_500)
      expect([passed(2_500), come()]).toEqual([true, true]);
    expect([passed(499), passed(1)]).toEqual([true, false]);
  });

  test("are not awaited again once it is over", () => {
    const { passed, come } = arriving();
    expect([passed(6_000), come(), passed(1)]).toEqual([false, false, false]);
  });
});
