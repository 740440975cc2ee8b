import { expect, test } from "@jest/globals";
import { type NodeWatch, watchedNode, watchNodes } from "../../../../agent/head/node-watch.js";

const more = {
  ...{ drain: null, holdsWork: false, mayHandOver: false, failedBefore: 0, notices: [] },
  ...{ isSelf: false, isLost: false },
} as const;
const seen = (...failingProbes: string[]) => ({ id: "i-a", failingProbes });
const MINUTE_MS = 60_000;

/** The watch after these looks, a minute apart from 0 on; `wasReady`: for the head before. */
function watchOf(looks: readonly (readonly string[])[], wasReady = false): NodeWatch {
  return looks.reduce<NodeWatch>(
    (watch, probes, minute) =>
      watchNodes(watch, [seen(...probes)], minute * MINUTE_MS, new Set(wasReady ? ["i-a"] : [])),
    new Map(),
  );
}

test.each<[string, string[][], boolean, object]>([
  [
    "fails since its first failing look",
    [["mpi"], ["mpi", "shared"], ["shared"]],
    false,
    { failingSinceMs: 0, wasReady: false, falls: 0 },
  ],
  [
    "fails anew after it was in order",
    [["mpi"], [], ["mpi"]],
    false,
    { failingSinceMs: 2 * MINUTE_MS, wasReady: true, falls: 1 },
  ],
  ["was ready once it has been in order", [[], ["mpi"]], false, { wasReady: true, falls: 1 }],
  [
    "was ready where the head before saw it so",
    [["heartbeat"]],
    true,
    { failingSinceMs: 0, wasReady: true, falls: 0 },
  ],
  [
    "has fallen as often as it has begun to fail",
    [[], ["mpi"], ["mpi"], [], ["mpi"], [], ["mpi"]],
    false,
    { falls: 3 },
  ],
])("a node %s", (_name, looks, wasReady, expected) => {
  expect(watchedNode(seen(...(looks.at(-1) ?? [])), watchOf(looks, wasReady), more)).toMatchObject(expected);
});

test("a fall counts for less than half an hour", () => {
  const fallen = watchOf([[], ["mpi"], []]);
  const fallsAt = (minute: number) => {
    const later = watchNodes(fallen, [seen()], minute * MINUTE_MS, new Set());
    return watchedNode(seen(), later, more).falls;
  };
  expect([fallsAt(30.9), fallsAt(31)]).toEqual([1, 0]);
});

test("falls are forgotten later, and a node that is gone is forgotten", () => {
  const fallen = watchOf([[], ["mpi"], []]);
  const later = watchNodes(fallen, [seen()], 40 * MINUTE_MS, new Set());
  expect(watchedNode(seen(), later, more)).toMatchObject({ falls: 0 });
  expect(watchNodes(fallen, [], 0, new Set()).size).toBe(0);
});
