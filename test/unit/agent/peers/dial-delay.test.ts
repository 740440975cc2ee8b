import { describe, expect, test } from "@jest/globals";
import { dialDelayMs } from "../../../../agent/peers/dial-delay.js";
import { randomFrom } from "../../../support/provider/random.js";

/** Numbers from [0, 1) that the seed alone decides. */
function randomsFrom(seed: number): () => number {
  const { below } = randomFrom(seed);
  return () => below(1_000_000) / 1_000_000;
}

describe("1,000 nodes that lose their head in the same moment", () => {
  const NODES = 1_000;
  /** What one core of the head does in that time, and half of it. */
  const WINDOW_MS = 100;
  const MOST_IN_WINDOW = 75;

  /** The most dials within any window. */
  function peak(atMs: readonly number[]): number {
    const sorted = [...atMs].sort((a, b) => a - b);
    let most = 0;
    let first = 0;
    sorted.forEach((ms, last) => {
      while (ms - (sorted[first] ?? 0) >= WINDOW_MS) first += 1;
      most = Math.max(most, last - first + 1);
    });
    return most;
  }

  test.each([
    ["at the first try, after a link of days", 0],
    ["after some failures", 3],
    ["after many", 50],
  ])("dial in bounded numbers %s", (_name, failures) => {
    const random = randomsFrom(failures + 1);
    const dials = Array.from({ length: NODES }, () =>
      dialDelayMs({ nodes: NODES, failures, random: random() }),
    );
    expect(peak(dials)).toBeLessThanOrEqual(MOST_IN_WINDOW);
    expect(Math.max(...dials)).toBeLessThan(2_000);
  });

  test("do so through a head's whole restart: a failure never brings them closer together", () => {
    const random = randomsFrom(7);
    const BACK_AT_MS = 5_000;
    const dials: number[] = [];
    for (let node = 0; node < NODES; node += 1) {
      let atMs = 0;
      for (let failures = 0; atMs <= BACK_AT_MS; failures += 1) {
        atMs += dialDelayMs({ nodes: NODES, failures, random: random() });
        // A refusal takes no time, and the next look of the role comes within a second or so.
        if (atMs <= BACK_AT_MS) atMs += 800 + 400 * random();
      }
      dials.push(atMs);
    }
    expect(peak(dials)).toBeLessThanOrEqual(2 * MOST_IN_WINDOW);
    expect(Math.max(...dials)).toBeLessThan(BACK_AT_MS + 3_200);
  });
});

test.each([
  ["two nodes wait for nothing", 2, 0, 4],
  ["who knows of no others waits for nothing", 0, 0, 0],
  ["a first failure", 2, 1, 250],
  ["many failures in a small cluster", 2, 60, 2_000],
  ["a cluster larger than any", 100_000, 0, 10_000],
])("%s: less than %i nodes' and %i failures' %i ms", (_name, nodes, failures, most) => {
  const delays = [0, 0.5, 0.999].map((random) => dialDelayMs({ nodes, failures, random }));
  for (const delay of delays) expect(delay).toBeLessThanOrEqual(most);
  expect(delays[0]).toBe(0);
});

test.each([
  [1, 250],
  [2, 500],
  [3, 1_000],
  [4, 2_000],
  [5, 2_000],
])("after %i failures a node of two waits half of %i ms in the mean", (failures, longestMs) => {
  expect(dialDelayMs({ nodes: 2, failures, random: 0.5 })).toBe(longestMs / 2);
});
