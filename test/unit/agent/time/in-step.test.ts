import { expect, test } from "@jest/globals";
import { inStep } from "../../../../agent/time/in-step.js";
import { createLoop } from "../../../../agent/time/loop.js";
import { manualClock } from "../../../support/manual-clock.js";

const soon = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ["less than a step is exact", 4_999, 1_234, 4_999],
  ["from a whole step on, it is as long as it should be", 5_000, 20_000, 5_000],
  ["what the work took is part of it", 5_000, 20_300, 4_700],
  ["a long one too", 60_000, 20_300, 59_700],
  ["a first one may be short", 5_000, 24_900, 100],
  ["a timer that goes off early begins no pause of nothing", 5_000, 24_999, 5_001],
])("%s", (_what, ms, nowMs, pauseMs) => {
  expect(inStep(ms, nowMs)).toBe(pauseMs);
});

test("loops that begin at moments of their own look in the same ones, each as often as it should", async () => {
  const clock = manualClock();
  const stepping = { ...clock, inStep: (ms: number) => inStep(ms, clock.monotonicMs()) };
  const wakes = new Set<number>();
  const steps = [0, 0, 0];
  const loops = steps.map((_, index) =>
    createLoop({
      async step() {
        wakes.add(clock.monotonicMs());
        steps[index] = (steps[index] ?? 0) + 1;
        return index === 2 ? 10_000 : 5_000;
      },
      retryMs: 1,
      onOutage: () => {},
      clock: stepping,
    }),
  );
  for (const loop of loops) {
    clock.advance(700);
    await loop.start();
  }
  for (let ms = 0; ms < 60_000; ms += 100) {
    clock.advance(100);
    await soon();
  }
  expect([...wakes].filter((atMs) => atMs % 5_000 !== 0)).toHaveLength(3);
  expect(steps.map((count) => count >= 6 && count <= 14)).toEqual([true, true, true]);
  expect(wakes.size).toBeLessThanOrEqual(3 + 13);
  const ended = Promise.all(loops.map((loop) => loop.stop()));
  await ended;
});
