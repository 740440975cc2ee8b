import { beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { NodeNotice } from "../../../../agent/contract/node-notice.js";
import { createRoster, type Roster } from "../../../../agent/head/roster.js";
import { nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const NOTICE: NodeNotice = { kind: "spot-interruption", at: null, what: "terminate" };
const node = nodeSummary("i-a");

describe("a head's roster", () => {
  let news = 0;
  let roster: Roster;
  beforeEach(() => {
    news = 0;
    roster = createRoster({
      recheck: async () => [],
      onNews: () => {
        news += 1;
      },
      isAtRest: () => false,
      clock: manualClock(),
      log: pino({ level: "silent" }),
    });
  });
  const newsOf = (act: () => void): number => {
    const before = news;
    act();
    return news - before;
  };

  test("has news of a node that comes, fails another probe, is in order again, is lost, or leaves; and of no other report", () => {
    const report = (failing: readonly string[]) => () => roster.report(node, failing, []);
    expect(newsOf(report([]))).toBe(1);
    expect(newsOf(report([]))).toBe(0);
    expect(newsOf(report(["mpi"]))).toBe(1);
    expect(newsOf(report(["mpi"]))).toBe(0);
    expect(newsOf(report(["mpi", "shared"]))).toBe(1);
    expect(newsOf(report([]))).toBe(1);
    expect(newsOf(() => roster.lose("i-a"))).toBe(1);
    expect(newsOf(report([]))).toBe(1);
    expect(newsOf(() => roster.leave("i-a"))).toBe(1);
    expect(newsOf(() => roster.leave("i-a"))).toBe(0);
  });

  test("has news, once, of a node that shuts down, and knows it as such until it reports as before or no job runs", () => {
    const about = () => [roster.shutDownAt(node.address), roster.idAt(node.address), roster.members().size];
    roster.report(node, [], []);
    expect(newsOf(() => roster.shutsDown(node))).toBe(1);
    expect(newsOf(() => roster.shutsDown(node))).toBe(0);
    expect(about()).toEqual(["i-a", "i-a", 0]);
    // Its connection ends.
    roster.leave("i-a");
    roster.lose("i-a");
    expect(about()).toEqual(["i-a", "i-a", 0]);
    roster.report(node, [], []);
    expect(about()).toEqual([null, "i-a", 1]);
    for (const forget of [roster.forgetShutDown, roster.clear]) {
      roster.shutsDown(node);
      forget();
      expect(about()).toEqual([null, null, 0]);
    }
    // Another instance has got the address.
    roster.shutsDown(node);
    roster.report({ ...node, id: "i-new" }, [], []);
    expect(about()).toEqual([null, "i-new", 1]);
  });

  test("has news of what EC2 announces, once, and of its end", () => {
    const report = (notices: readonly NodeNotice[]) => () => roster.report(node, [], notices);
    report([])();
    expect(roster.noticesOf("i-a")).toEqual([]);
    expect(newsOf(report([NOTICE]))).toBe(1);
    expect(newsOf(report([NOTICE]))).toBe(0);
    expect(roster.noticesOf("i-a")).toEqual([NOTICE]);
    expect(newsOf(report([]))).toBe(1);
  });

  test("has news of a node that is set aside, and none of an address that it does not know", () => {
    roster.report(node, [], []);
    expect(newsOf(() => roster.setAside(["10.9.9.9"]))).toBe(0);
    expect(newsOf(() => roster.setAside([node.address]))).toBe(1);
    expect(roster.isSetAside("i-a")).toBe(true);
    expect(roster.members().get("i-a")?.failingProbes).toEqual(["preflight"]);
    roster.clear();
    expect([roster.members().size, roster.isSetAside("i-a")]).toEqual([0, false]);
  });
});
