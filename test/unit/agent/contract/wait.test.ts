import { describe, expect, test } from "@jest/globals";
import { WaitTimeoutError, waitUntil, withinTime } from "../../../../agent/contract/wait.js";
import { fastClock } from "../../../support/agent/fast-clock.js";
import { manualClock } from "../../../support/manual-clock.js";

const looking = (doneAt: number) => {
  let looks = 0;
  return async () => {
    looks += 1;
    return looks === doneAt
      ? ({ done: true, value: looks } as const)
      : ({ done: false, progress: `${looks} looks` } as const);
  };
};

describe("waitUntil", () => {
  test("gives what was waited for, and says how far it was meanwhile", async () => {
    const heard: unknown[] = [];
    const onWaiting = (...words: readonly unknown[]) => heard.push(words);
    const clock = fastClock();
    // A monotonic clock counts from any moment.
    await clock.sleep(1_000);
    const options = { everyMs: 10, timeoutMs: 100, clock, onWaiting };
    expect(await waitUntil("it", looking(3), options)).toBe(3);
    expect(heard).toEqual([
      ["1 looks", 0],
      ["2 looks", 10],
    ]);
  });

  test("looks once more when the time is up, and fails with what it saw", async () => {
    const clock = fastClock();
    const waiting = waitUntil("4 nodes", looking(99), { everyMs: 40_000, timeoutMs: 90_000, clock });
    await expect(waiting).rejects.toThrow(new WaitTimeoutError("4 nodes", 90_000, "4 looks"));
    await expect(waiting).rejects.toThrow("Timed out after 1m30s waiting for 4 nodes; last seen: 4 looks.");
    expect(clock.monotonicMs()).toBe(90_000);
  });

  test("fails with the signal's reason as soon as it aborts", async () => {
    const abort = new AbortController();
    const options = { everyMs: 60_000, timeoutMs: 90_000, clock: manualClock(), signal: abort.signal };
    const waiting = waitUntil("it", looking(99), options);
    abort.abort(new Error("Ctrl-C"));
    await expect(waiting).rejects.toThrow("Ctrl-C");
  });

  test("fails with a look's failure", async () => {
    const look = async () => Promise.reject(new Error("no network"));
    const options = { everyMs: 1, timeoutMs: 100, clock: fastClock() };
    await expect(waitUntil("it", look, options)).rejects.toThrow("no network");
  });
});

describe("withinTime", () => {
  test("gives or throws what the work does", async () => {
    expect(await withinTime("it", Promise.resolve("x"), 10, manualClock())).toBe("x");
    const failing = Promise.reject(new Error("broken"));
    await expect(withinTime("it", failing, 10, manualClock())).rejects.toThrow("broken");
  });

  test("fails when the work takes longer", async () => {
    const clock = manualClock();
    const bounded = withinTime("the file system", new Promise(() => {}), 5_000, clock);
    clock.advance(5_000);
    await expect(bounded).rejects.toThrow("Timed out after 5s waiting for the file system.");
  });
});
