import { describe, expect, test } from "@jest/globals";
import type { NodeDrain } from "../../../../agent/contract/node-drain.js";
import type { NodeKind } from "../../../../agent/contract/node-kind.js";
import { applyActivity, applyDrains } from "../../../../agent/head/member-moves.js";
import {
  countAnew,
  countStates,
  hearAgain,
  inherit,
  leave,
  lose,
  type Members,
  nodesHeard,
  nodesInTouch,
  report,
  summarize,
  sweep,
  usableNodes,
} from "../../../../agent/head/members.js";

const node = (id: string, address = "10.0.0.1", kind: NodeKind = "worker") => ({
  ...{ id, address, hostname: `ip-${id}`, cores: 2, kind },
});
const none: Members = new Map();
const stateOf = (members: Members, id = "i-a") => members.get(id)?.state;

describe("a node's reports", () => {
  test.each([
    ["ready with its first passing report", [[]], "ready"],
    ["unready with failing probes", [["shared"]], "unready"],
    ["ready again when they pass", [["shared"], []], "ready"],
    ["unready when they begin to fail", [[], ["mpi"]], "unready"],
  ])("make it %s", (_name, reports, state) => {
    const members = reports.reduce((seen, failing) => report(seen, node("i-a"), failing, 0), none);
    expect(stateOf(members)).toBe(state);
    expect(members.get("i-a")?.failingProbes).toEqual(reports.at(-1));
  });
});

describe("a report without news", () => {
  const ready = () => report(none, node("i-a"), [], 1_000);

  test("is a report: the node was heard", () => {
    const members = ready();
    expect(hearAgain(members, node("i-a"), [], 3_000)).toBe(true);
    expect(members).toEqual(report(ready(), node("i-a"), [], 3_000));
  });

  test.each([
    ["its probes are others", "i-a", "10.0.0.1", ["shared"], ready()],
    ["its address is another", "i-a", "10.0.0.9", [], ready()],
    ["it is not known", "i-b", "10.0.0.1", [], ready()],
    ["it was not heard", "i-a", "10.0.0.1", [], lose(ready(), "i-a")],
  ])("is none where %s: nothing is noted", (_name, id, address, failing, members) => {
    const before = structuredClone(members);
    expect(hearAgain(members, node(id, address), failing, 3_000)).toBe(false);
    expect(members).toEqual(before);
  });
});

describe("a node that leaves with a park", () => {
  const old = { ...node("i-old"), bootedAt: "2026-01-01T00:00:00.000Z" };
  const isOld = ({ bootedAt }: { readonly bootedAt?: string }) => bootedAt === old.bootedAt;
  const both = [old, node("i-new", "10.0.0.2")].reduce((seen, one) => report(seen, one, [], 0), none);

  test("drains, stays so with its next report, and is in no hostfile", () => {
    const drained = report(applyDrains(both, new Map(), isOld), old, [], 1_000);
    expect(stateOf(drained, "i-old")).toBe("draining");
    expect(usableNodes(drained).map(({ id }) => id)).toEqual(["i-new"]);
  });

  test("drains on while it leaves, and also where it is replaced beside", () => {
    const drained = applyDrains(applyDrains(both, new Map(), isOld), new Map(), isOld);
    expect([stateOf(drained, "i-old"), stateOf(drained, "i-new")]).toEqual(["draining", "ready"]);
    expect(
      stateOf(
        applyDrains(drained, new Map(), () => false),
        "i-old",
      ),
    ).toBe("unready");
  });

  test("is shown without what only the head needs", () => {
    expect(summarize(both)[0]).not.toHaveProperty("bootedAt");
  });
});

describe("a node that is gone", () => {
  const ready = report(none, node("i-a"), [], 1_000);

  test("without a word stays listed, unready, with the failing probe heartbeat", () => {
    expect(lose(ready, "i-a").get("i-a")).toMatchObject({ state: "unready", failingProbes: ["heartbeat"] });
    expect(stateOf(report(lose(ready, "i-a"), node("i-a"), [], 2_000))).toBe("ready");
  });

  test("with a goodbye is forgotten", () => {
    expect(leave(ready, "i-a").size).toBe(0);
  });

  test.each([
    [2_999, "ready"],
    [3_000, "unready"],
    [8_999, "unready"],
    [9_000, undefined],
  ])("unheard for a while: after %i ms it is %s", (unheardMs, state) => {
    const swept = sweep(ready, 1_000 + unheardMs, { silentMs: 3_000, forgetMs: 9_000 });
    expect(stateOf(swept)).toBe(state);
  });
});

test.each([
  [[], null],
  [["shared", "mpi"], "node-shared-unusable"],
  [["records"], "node-records-unusable"],
  [["registry"], "node-registry-unreachable"],
  [["preflight"], "node-preflight-failed"],
  [["mpi"], "node-mpi-broken"],
  [["job-user"], "node-job-user-missing"],
  [["of a newer version"], "node-probe-failing"],
  [["toString"], "node-probe-failing"],
])("a node whose failing probes are %j has the reason code %j", (failing, code) => {
  expect(summarize(report(none, node("i-a"), failing, 0))[0]?.reasonCode).toBe(code);
});

test("a node that is not heard has the reason code node-silent", () => {
  expect(summarize(lose(report(none, node("i-a"), [], 0), "i-a"))[0]?.reasonCode).toBe("node-silent");
});

test("nodes of the head before are silent until they report, and those that have reported stay as they are", () => {
  const heard = report(none, node("i-a"), [], 1_000);
  const listed = summarize(report(report(none, node("i-a"), ["mpi"], 0), node("i-b", "10.0.0.2"), [], 0));
  const members = inherit(heard, listed, 2_000);
  expect(summarize(members).map(({ id, state, failingProbes }) => [id, state, failingProbes])).toEqual([
    ["i-a", "ready", []],
    ["i-b", "unready", ["heartbeat"]],
  ]);
  expect(stateOf(report(members, node("i-b"), [], 3_000), "i-b")).toBe("ready");
  expect(sweep(members, 8_000, { silentMs: 10_000, forgetMs: 6_000 }).has("i-b")).toBe(false);
});

describe("activity", () => {
  const ready = report(none, node("i-a"), [], 0);
  const unready = report(none, node("i-a"), ["shared"], 0);
  const running = { isJobRunning: true, isDraining: false };
  const resting = { isJobRunning: false, isDraining: false };

  test("a job makes ready nodes busy, its end makes them ready", () => {
    const busy = applyActivity(ready, running);
    expect(stateOf(busy)).toBe("busy");
    expect(stateOf(applyActivity(busy, running))).toBe("busy");
    expect(stateOf(report(busy, node("i-a"), [], 1))).toBe("busy");
    expect(stateOf(applyActivity(busy, resting))).toBe("ready");
  });

  test("an unready node takes no part", () => {
    expect(stateOf(applyActivity(unready, running))).toBe("unready");
    expect(stateOf(applyActivity(unready, resting))).toBe("unready");
  });

  test("draining leaves no usable node, and passing probes don't bring one back", () => {
    const draining = applyActivity(ready, { isJobRunning: false, isDraining: true });
    expect(usableNodes(report(draining, node("i-a"), [], 1))).toEqual([]);
  });
});

test("a running job has lost who is not heard or fails a probe, but not who only can't reach the registry", () => {
  let members = report(none, node("i-a", "10.0.0.1"), ["registry"], 0);
  members = report(members, node("i-b", "10.0.0.2"), [], 0);
  members = report(members, node("i-c", "10.0.0.3"), ["registry", "shared"], 0);
  expect(nodesInTouch(report(none, node("i-a"), ["preflight"], 0)).size).toBe(1);
  // MPI sees for itself when it can't use the adapter.
  expect(nodesInTouch(report(none, node("i-a"), ["efa"], 0)).size).toBe(1);
  members = lose(report(members, node("i-d", "10.0.0.4"), [], 0), "i-d");
  expect([...nodesInTouch(members)]).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(usableNodes(members).map(({ id }) => id)).toEqual(["i-b"]);
});

test("a node of another kind is known, and never usable", () => {
  let members = report(none, node("i-n", "10.0.0.3", "notebook"), [], 0);
  members = report(members, node("i-b", "10.0.0.2", "builder"), [], 0);
  members = applyActivity(members, { isJobRunning: true, isDraining: false });
  expect(summarize(members).map(({ id, kind }) => [id, kind])).toEqual([
    ["i-b", "builder"],
    ["i-n", "notebook"],
  ]);
  expect(usableNodes(members)).toEqual([]);
});

test("usable nodes are the ready and the busy ones; lists are sorted by address", () => {
  let members = report(none, node("i-c", "10.0.0.10"), [], 0);
  members = report(members, node("i-b", "10.0.0.9"), ["mpi"], 0);
  members = applyActivity(members, { isJobRunning: true, isDraining: false });
  members = report(members, node("i-a", "10.0.0.2"), [], 0);
  expect(summarize(members).map(({ id }) => id)).toEqual(["i-a", "i-b", "i-c"]);
  expect(usableNodes(members).map(({ id, state }) => [id, state])).toEqual([
    ["i-a", "ready"],
    ["i-c", "busy"],
  ]);
  expect(summarize(members)[0]).not.toHaveProperty("heardAtMs");
});

test("the nodes are counted by their states", () => {
  let members = report(none, node("i-a"), [], 0);
  members = report(members, node("i-b"), [], 0);
  members = report(members, node("i-c"), ["mpi"], 0);
  expect(countStates(members)).toEqual(
    new Map([
      ["ready", 2],
      ["unready", 1],
    ]),
  );
});

describe("a node whose reports come", () => {
  const heardAt = (members: Members, nowMs: number) => nodesHeard(members, nowMs).has("10.0.0.1");
  /** Reports at these moments. */
  const reports = (...atMs: number[]) =>
    atMs.reduce((members, nowMs) => report(members, node("i-a"), [], nowMs), none);

  test("in time is doubted soon, by the reports that do not come", () => {
    const members = reports(0, 500, 1_000);
    expect(heardAt(members, 3_299)).toBe(true);
    expect(heardAt(members, 3_300)).toBe(false);
  });

  test("late, as its job keeps it busy, gets two and a half of its gaps, and ten seconds at most", () => {
    expect(heardAt(reports(0, 2_000), 6_999)).toBe(true);
    expect(heardAt(reports(0, 2_000), 7_000)).toBe(false);
    expect(heardAt(reports(0, 3_000, 8_000), 17_999)).toBe(true);
    expect(heardAt(reports(0, 3_000, 8_000), 18_000)).toBe(false);
  });

  test("is trusted less again the longer it has been in time", () => {
    const inTime = Array.from({ length: 120 }, (_, index) => 3_000 + 1_000 * (index + 1));
    expect(heardAt(reports(0, 3_000, ...inTime), (inTime.at(-1) ?? 0) + 2_500)).toBe(false);
  });

  test("at rest has the time until it is asked besides, and its gaps there count for nothing", () => {
    const members = reports(0, 1_000);
    const heard = (nowMs: number) => nodesHeard(members, nowMs, 7_000).has("10.0.0.1");
    expect([heard(1_000 + 9_499), heard(1_000 + 9_500)]).toEqual([true, false]);
    expect(hearAgain(members, node("i-a"), [], 6_000, true)).toBe(true);
    expect([heardAt(members, 6_000 + 2_299), heardAt(members, 6_000 + 2_300)]).toEqual([true, false]);
  });

  test("after a rest has its time anew, unless it was lost", () => {
    const members = lose(report(reports(0), node("i-b", "10.0.0.2"), [], 0), "i-b");
    countAnew(members, 9_000);
    expect([...nodesHeard(members, 11_299)]).toEqual(["10.0.0.1"]);
    expect(nodesHeard(members, 11_300).size).toBe(0);
  });

  test("again after it was lost begins afresh", () => {
    const back = report(lose(reports(0, 1_000), "i-a"), node("i-a"), [], 9_000);
    expect(heardAt(back, 11_299)).toBe(true);
    expect(heardAt(back, 11_300)).toBe(false);
  });

  test("again after a silence in which it may have been found lost begins afresh too", () => {
    expect(heardAt(reports(0, 1_000, 4_699), 4_699 + 9_000)).toBe(true);
    expect(heardAt(reports(0, 1_000, 4_700), 4_700 + 2_300)).toBe(false);
  });

  test("is heard whatever it says, and not once its connection has ended", () => {
    const unfit = report(none, node("i-a"), ["shared"], 0);
    expect(heardAt(unfit, 0)).toBe(true);
    expect(nodesInTouch(unfit).size).toBe(0);
    expect(heardAt(lose(unfit, "i-a"), 0)).toBe(false);
  });
});

describe("a node on its way out", () => {
  const drain: NodeDrain = {
    ...{ reasonCode: "node-spot-interrupted", reason: "why", since: "", deadline: null, endedAt: null },
  };
  const stays = () => false;
  const drains = (change: Partial<NodeDrain> = {}) => new Map([["i-a", { ...drain, ...change }]]);
  const ready = report(report(none, node("i-a"), [], 0), node("i-b", "10.0.0.2"), [], 0);

  test("drains, whatever it reports, and is not usable; its reason is that of the drain", () => {
    const draining = report(applyDrains(ready, drains(), stays), node("i-a"), [], 1);
    expect(stateOf(draining)).toBe("draining");
    expect(usableNodes(draining).map(({ id }) => id)).toEqual(["i-b"]);
    expect(summarize(draining, drains())[0]?.reasonCode).toBe("node-spot-interrupted");
    expect(nodesInTouch(draining)).toContain("10.0.0.1");
  });

  test("that stays after all is unready until it reports", () => {
    const back = applyDrains(applyDrains(ready, drains(), stays), new Map(), stays);
    expect(stateOf(back)).toBe("unready");
    expect(stateOf(report(back, node("i-a"), [], 1))).toBe("ready");
  });

  test("stops when it was given back, and is gone when it falls silent then", () => {
    const stopping = applyDrains(ready, drains({ endedAt: "now" }), stays);
    expect(stateOf(stopping)).toBe("stopping");
    expect(stateOf(applyDrains(stopping, drains({ endedAt: "now" }), stays))).toBe("stopping");
    expect(stateOf(applyDrains(lose(stopping, "i-a"), drains({ endedAt: "now" }), stays))).toBeUndefined();
    expect(stateOf(applyDrains(lose(ready, "i-a"), drains(), stays))).toBe("draining");
  });

  test("of a cluster that is being removed drains with all others", () => {
    const closing = applyActivity(ready, { isJobRunning: false, isDraining: true });
    expect(
      stateOf(
        applyDrains(closing, new Map(), () => true),
        "i-b",
      ),
    ).toBe("draining");
  });
});
