import { describe, expect, test } from "@jest/globals";
import { lazyPort, once } from "../../../../provider/aws/lazy.js";

interface Sums {
  add(a: number, b: number): Promise<number>;
}

describe("lazyPort", () => {
  test("opens at the first call, once for all that call at the same time", async () => {
    let opened = 0;
    const sums = lazyPort<Sums>(
      once(async () => {
        opened += 1;
        return { add: async (a, b) => a + b };
      }),
    );
    expect(opened).toBe(0);
    expect(await Promise.all([sums.add(1, 2), sums.add(3, 4)])).toEqual([3, 7]);
    expect(await sums.add(5, 6)).toBe(11);
    expect(opened).toBe(1);
  });

  test("fails each call with the same error where it can't be opened", async () => {
    const sums = lazyPort<Sums>(once(() => Promise.reject(new Error("closed"))));
    const errors = await Promise.all([1, 2].map((n) => sums.add(n, n).catch((error: unknown) => error)));
    expect(errors[0]).toEqual(new Error("closed"));
    expect(errors[1]).toBe(errors[0]);
  });
});
