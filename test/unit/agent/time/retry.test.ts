import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { retry } from "../../../../agent/time/retry.js";
import { fastClock } from "../../../support/agent/fast-clock.js";

function failing(times: number) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
    return calls;
  };
}
const limits = { timeoutMs: 10_000, pauseMs: 1_000 };

test.each([0, 1, 9])("goes on after %i failures, and names the first only", async (failures) => {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => lines.push(line) });
  expect(await retry("it", failing(failures), limits, fastClock(), log)).toBe(failures + 1);
  expect(lines.map((line) => JSON.parse(line).reason)).toEqual(failures > 0 ? ["failure 1"] : []);
});

test("gives up when the time is up: says so, and fails with the last error", async () => {
  const clock = fastClock();
  const lines: string[] = [];
  const log = pino({ level: "error" }, { write: (line: string) => lines.push(line) });
  await expect(retry("it", failing(99), limits, clock, log)).rejects.toThrow("failure 11");
  expect(clock.monotonicMs()).toBe(limits.timeoutMs);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    "Timed out after 10s waiting for it; last seen: failure 11.",
  ]);
});
