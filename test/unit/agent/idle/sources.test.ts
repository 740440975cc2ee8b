import { describe, expect, test } from "@jest/globals";
import type { ActivitySource, NodeActivity } from "../../../../agent/contract/activity.js";
import { type NodeSeen, observeSources, type SourcesSeen } from "../../../../agent/idle/sources.js";

const NOW = new Date("2026-01-01T12:00:00Z");
const MINUTE_MS = 60_000;
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE_MS);
const quiet = { source: "ssh", count: 0, idleSeconds: null };
const worker = (
  id: string,
  report: readonly NodeActivity[] | null = [quiet],
  change: Partial<NodeSeen> = {},
): NodeSeen => ({
  ...{ id, kind: "worker", isHeard: true, report, reportedMsAgo: 500 },
  ...change,
});
const looked = { running: null, waiting: 0, lookedMsAgo: 1_000, lastAt: null };
const seen = (change: Partial<SourcesSeen> = {}): SourcesSeen => ({
  ...{ jobs: looked, nextSlot: null, nodes: [worker("i-a"), worker("i-b")], keepAliveUntil: undefined },
  ...{ countSshSessions: true, horizonMs: 60 * MINUTE_MS, before: undefined, now: NOW },
  ...change,
});
const of = (name: ActivitySource, given: SourcesSeen) => {
  const found = observeSources(given).find(({ source }) => source === name);
  if (found === undefined) throw new Error(`no source ${name}`);
  return found;
};

test("of a quiet cluster all sources are idle", () => {
  expect(observeSources(seen()).map(({ source, state, lastAt }) => [source, state, lastAt])).toEqual(
    ["job", "queue", "schedule", "notebook", "ssh", "keep-alive"].map((name) => [name, "idle", null]),
  );
});

describe("a source's state", () => {
  const logins = { source: "ssh", count: 2, idleSeconds: 0 };
  const kernel = { source: "notebook", count: 1, idleSeconds: 0 };
  const notebook = (report: readonly NodeActivity[]) =>
    worker("i-n", [quiet, ...report], { kind: "notebook" });

  test.each<[string, ActivitySource, string, Partial<SourcesSeen>]>([
    ["a job that runs", "job", "active", { jobs: { ...looked, running: "j-1" } }],
    [
      "... also where the loop that watches it is blocked",
      "job",
      "active",
      { jobs: { ...looked, running: "j-1", lookedMsAgo: 9e9 } },
    ],
    ["a look at the queue that is too old", "job", "unknown", { jobs: { ...looked, lookedMsAgo: 31_000 } }],
    ["no look at the queue in this term", "queue", "unknown", { jobs: { ...looked, lookedMsAgo: null } }],
    [
      "no look at the queue while a job runs",
      "queue",
      "idle",
      { jobs: { ...looked, running: "j-1", lookedMsAgo: null } },
    ],
    ["a job that waits", "queue", "active", { jobs: { ...looked, waiting: 1 } }],
    ["a slot within the timeout", "schedule", "active", { nextSlot: ago(-60) }],
    ["a slot that is due and not decided", "schedule", "active", { nextSlot: ago(1) }],
    ["a later slot", "schedule", "idle", { nextSlot: ago(-61) }],
    ["schedules that are not read", "schedule", "unknown", { nextSlot: "unknown" }],
    ["a login on one node", "ssh", "active", { nodes: [worker("i-a"), worker("i-b", [logins])] }],
    [
      "a node that says nothing, as an older agent",
      "ssh",
      "unknown",
      { nodes: [worker("i-a"), worker("i-b", null)] },
    ],
    ["a node that can't count", "ssh", "unknown", { nodes: [worker("i-a", [{ ...quiet, count: null }])] }],
    ["a silent node", "ssh", "unknown", { nodes: [worker("i-a", [quiet], { isHeard: false })] }],
    ["an old report", "ssh", "unknown", { nodes: [worker("i-a", [quiet], { reportedMsAgo: 31_000 })] }],
    [
      "a login beside a silent node",
      "ssh",
      "active",
      { nodes: [worker("i-a", null), worker("i-b", [logins])] },
    ],
    ["nodes that are not known yet", "ssh", "unknown", { nodes: null }],
    [
      "logins that are not counted",
      "ssh",
      "idle",
      { countSshSessions: false, nodes: [worker("i-a", [logins])] },
    ],
    ["a notebook that works", "notebook", "active", { nodes: [notebook([kernel])] }],
    ["a notebook that rests", "notebook", "idle", { nodes: [notebook([{ ...kernel, count: 0 }])] }],
    ["a notebook that does not say", "notebook", "unknown", { nodes: [notebook([])] }],
    ["workers, which have none", "notebook", "idle", {}],
    ["a keep-alive", "keep-alive", "active", { keepAliveUntil: ago(-1).toISOString() }],
    ["one that is over", "keep-alive", "idle", { keepAliveUntil: ago(1).toISOString() }],
    ["one that can't be read", "keep-alive", "idle", { keepAliveUntil: "soon" }],
  ])("%s: %s is %s", (_name, name, state, change) => {
    expect(of(name, seen(change)).state).toBe(state);
  });
});

describe("a source's last moment", () => {
  const earlier = (lastAt: Date) => ({
    ...{ observedAt: "", idleSince: "", parksAt: null },
    sources: [{ source: "job" as const, state: "idle" as const, lastAt: lastAt.toISOString(), detail: null }],
  });

  test.each<[string, ActivitySource, Partial<SourcesSeen>, Date | null]>([
    ["is now while it is active", "job", { jobs: { ...looked, running: "j-1" } }, NOW],
    ["is when the last job was there", "job", { jobs: { ...looked, lastAt: ago(3) } }, ago(3)],
    [
      "is what an earlier head wrote, where this one knows of none",
      "job",
      { before: earlier(ago(9)) },
      ago(9),
    ],
    [
      "is the later of the two",
      "job",
      { jobs: { ...looked, lastAt: ago(3) }, before: earlier(ago(9)) },
      ago(3),
    ],
    [
      "stays while it is unknown",
      "job",
      { jobs: { ...looked, lookedMsAgo: null }, before: earlier(ago(9)) },
      ago(9),
    ],
    [
      "is the latest login's of all nodes",
      "ssh",
      { nodes: [worker("i-a", [{ ...quiet, idleSeconds: 120 }], { reportedMsAgo: 0 })] },
      ago(2),
    ],
    ["is the end of a keep-alive", "keep-alive", { keepAliveUntil: ago(5).toISOString() }, ago(5)],
    ["is none where it never was active", "ssh", {}, null],
  ])("%s", (_name, name, change, expected) => {
    expect(of(name, seen(change)).lastAt).toBe(expected?.toISOString() ?? null);
  });
});

test("it is said which nodes people are on, a few of them", () => {
  const nodes = ["i-a", "i-b", "i-c", "i-d"].map((id) =>
    worker(id, [{ source: "ssh", count: 1, idleSeconds: 0 }]),
  );
  expect(of("ssh", seen({ nodes })).detail).toBe("4 on i-a, i-b, i-c and others");
});
