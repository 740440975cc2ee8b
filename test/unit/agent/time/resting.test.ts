import { describe, expect, test } from "@jest/globals";
import { REST_AFTER_MS, REST_MS, resting } from "../../../../agent/time/resting.js";

/** A value that is read each second. `reads` counts. */
function setUp<T extends object>(first: T, essence?: (value: T) => unknown) {
  let nowMs = 0;
  const source = { value: first, reads: 0 };
  const rest = resting(
    async () => {
      source.reads += 1;
      return { ...source.value };
    },
    { clock: { monotonicMs: () => nowMs }, ...(essence === undefined ? {} : { essence }) },
  );
  async function forSeconds(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      nowMs += 1_000;
      await rest.read();
    }
  }
  function wait(ms: number): void {
    nowMs += ms;
  }
  return { source, rest, forSeconds, wait };
}

const MINUTE = REST_AFTER_MS / 1_000;

describe("what is looked at each second", () => {
  test("is read each second for a minute, and after that every five seconds", async () => {
    const { source, forSeconds } = setUp({ a: 1 });
    await forSeconds(MINUTE);
    expect(source.reads).toBe(MINUTE);
    source.reads = 0;
    await forSeconds(60);
    expect(source.reads).toBeGreaterThanOrEqual(60_000 / REST_MS - 1);
    expect(source.reads).toBeLessThanOrEqual(60_000 / REST_MS + 2);
  });

  test("is known to others without a read, until it should have been read again or may have changed", async () => {
    const { source, rest, forSeconds, wait } = setUp({ a: 1 });
    expect(rest.known()).toBeUndefined();
    await forSeconds(2 * MINUTE);
    const { reads } = source;
    expect(rest.known()).toEqual({ a: 1 });
    rest.wake();
    expect(rest.known()).toBeUndefined();
    await rest.read();
    wait(REST_MS + 499);
    expect(rest.known()).toEqual({ a: 1 });
    wait(1);
    expect(rest.known()).toBeUndefined();
    expect(source.reads).toBe(reads + 1);
  });

  test("is never older than five seconds, and says when it is old", async () => {
    const { source, rest, forSeconds } = setUp({ a: 1 });
    await forSeconds(2 * MINUTE);
    source.value = { a: 2 };
    await forSeconds(REST_MS / 1_000);
    expect(await rest.read()).toEqual({ a: 2 });
    expect(rest.isOld()).toBe(false);
  });

  test("is read each second again once it has changed", async () => {
    const { source, forSeconds } = setUp({ a: 1 });
    await forSeconds(2 * MINUTE);
    source.value = { a: 2 };
    await forSeconds(REST_MS / 1_000);
    source.reads = 0;
    await forSeconds(30);
    expect(source.reads).toBe(30);
  });

  test("rests in spite of changes that do not count", async () => {
    const { source, forSeconds } = setUp({ a: 1, seen: 0 }, ({ a }) => a);
    for (let second = 0; second < MINUTE + 5; second += 1) {
      source.value = { a: 1, seen: second };
      await forSeconds(1);
    }
    source.reads = 0;
    await forSeconds(10);
    expect(source.reads).toBeLessThan(5);
  });

  test("is read at once after a wake, and each second for a minute from then on", async () => {
    const { source, rest, forSeconds } = setUp({ a: 1 });
    await forSeconds(2 * MINUTE + 1);
    expect(rest.isOld()).toBe(true);
    source.reads = 0;
    rest.wake();
    await rest.read();
    expect([source.reads, rest.isOld()]).toEqual([1, false]);
    await forSeconds(MINUTE - 1);
    expect(source.reads).toBe(MINUTE);
  });

  test("fails as its source fails, and is read anew", async () => {
    let isBroken = false;
    let nowMs = 0;
    const rest = resting(
      async () => {
        if (isBroken) throw new Error("throttled");
        return 1;
      },
      { clock: { monotonicMs: () => nowMs } },
    );
    await rest.read();
    nowMs += REST_AFTER_MS + REST_MS;
    isBroken = true;
    await expect(rest.read()).rejects.toThrow("throttled");
    nowMs += 1_000;
    await expect(rest.read()).rejects.toThrow("throttled");
    isBroken = false;
    expect(await rest.read()).toBe(1);
  });
});
