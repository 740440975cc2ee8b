import { expect, test } from "@jest/globals";
import { systemClock } from "../../../../agent/time/clock.js";
import { createNap } from "../../../../agent/time/nap.js";

async function pausedMs(nap: ReturnType<typeof createNap>, ms: number): Promise<number> {
  const startedAtMs = performance.now();
  await nap.pause(ms);
  return performance.now() - startedAtMs;
}

test("a pause lasts its time unless it is woken, and a wake in between counts for the next one only", async () => {
  const nap = createNap(systemClock);
  expect(await pausedMs(nap, 60)).toBeGreaterThan(50);
  setTimeout(nap.wake, 20);
  expect(await pausedMs(nap, 120_000)).toBeLessThan(60_000);
  nap.wake();
  nap.wake();
  expect(await pausedMs(nap, 120_000)).toBeLessThan(60_000);
  expect(await pausedMs(nap, 60)).toBeGreaterThan(50);
});
