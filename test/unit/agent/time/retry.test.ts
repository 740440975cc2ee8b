import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { retry } from "../../../../agent/time/retry.js";

/** A clock whose sleeps take no time but count. */
function fastClock() {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
}

function failing(times: number) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
    return calls;
  };
}
const limits = { timeoutMs: 10_000, pauseMs: 1_000 };

test.each([0, 1, 9])("goes on after %i failures, and tells of the first only", async (failures) => {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => lines.push(line) });
  expect(await retry("it", failing(failures), limits, fastClock(), log)).toBe(failures + 1);
  expect(lines.map((line) => JSON.parse(line).reason)).toEqual(failures > 0 ? ["failure 1"] : []);
});

test("gives up in time, with the last error", async () => {
  const clock = fastClock();
  await expect(retry("it", failing(99), limits, clock, pino({ level: "silent" }))).rejects.toThrow(
    "failure 10",
  );
  expect(clock.monotonicMs()).toBeLessThan(limits.timeoutMs);
});
