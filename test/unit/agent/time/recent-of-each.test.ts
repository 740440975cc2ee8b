import { expect, test } from "@jest/globals";
import { recentOfEach } from "../../../../agent/time/recent-of-each.js";
import { manualClock } from "../../../support/manual-clock.js";

function setUp() {
  const clock = manualClock();
  const source = { values: new Map<string, string>(), reads: [] as string[], isDown: false };
  const get = recentOfEach(
    async (key) => {
      source.reads.push(key);
      if (source.isDown) throw new Error("throttled");
      return source.values.get(key) ?? null;
    },
    { freshMs: 200, mayServe: (value) => value !== null, clock },
  );
  return { clock, source, get };
}

test("each is read once for all who ask within a moment, and anew after it", async () => {
  const { clock, source, get } = setUp();
  source.values.set("a", "1").set("b", "2");
  expect(await Promise.all(["a", "b", "a"].map(get))).toEqual(["1", "2", "1"]);
  source.values.set("a", "3");
  clock.advance(199);
  expect([await get("a"), source.reads]).toEqual(["1", ["a", "b"]]);
  clock.advance(1);
  expect([await get("a"), source.reads]).toEqual(["3", ["a", "b", "a"]]);
});

test("what may not serve, and a failure, is not kept", async () => {
  const { source, get } = setUp();
  expect(await get("a")).toBeNull();
  source.values.set("a", "1");
  source.isDown = true;
  await expect(get("a")).rejects.toThrow("throttled");
  source.isDown = false;
  expect([await get("a"), source.reads.length]).toEqual(["1", 3]);
});

test("holds a thousand at most", async () => {
  const { source, get } = setUp();
  const keys = Array.from({ length: 1_001 }, (_, index) => `k${index}`);
  for (const key of keys) source.values.set(key, key);
  await Promise.all(keys.map(get));
  source.reads.length = 0;
  await get("k1000");
  await get("k1");
  await get("k0");
  expect(source.reads).toEqual(["k0"]);
});

test("those who ask while it is read share that read, however long it takes", async () => {
  const clock = manualClock();
  let reads = 0;
  let answer: (value: string) => void = () => undefined;
  const read = () => {
    reads += 1;
    return new Promise<string>((resolve) => (answer = resolve));
  };
  const get = recentOfEach(read, { freshMs: 200, mayServe: () => true, clock });
  const first = get("a");
  clock.advance(5_000);
  const second = get("a");
  answer("1");
  expect([await first, await second, reads]).toEqual(["1", "1", 1]);
  void get("a");
  expect(reads).toBe(2);
});
