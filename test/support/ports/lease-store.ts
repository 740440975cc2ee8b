import { describe, expect, test } from "@jest/globals";
import type { LeaseItem } from "../../../agent/contract/registry.js";
import type { LeaseStore } from "../../../agent/lease/keeper.js";

const lease = (change: Partial<LeaseItem> = {}): LeaseItem => ({
  holder: "i-a",
  holderAddress: "10.0.0.1",
  generation: 1,
  renewal: 0,
  ttlMs: 15_000,
  released: false,
  expiresAt: "2026-01-01T00:00:15.000Z",
  ...change,
});

/** What every lease store does. `make` gives one of a cluster that never had a head. */
export function describeLeaseStore(make: () => LeaseStore): void {
  describe("a lease store", () => {
    test("has none at first, and then the one that was taken", async () => {
      const store = make();
      expect(await store.read()).toBeNull();
      expect(await store.take(lease(), null)).toBe(true);
      expect(await store.read()).toEqual(lease());
    });

    test.each<[string, LeaseItem | null]>([
      ["no lease", null],
      ["another generation", lease({ generation: 9 })],
      ["another renewal", lease({ renewal: 7 })],
    ])("is not taken by who has last seen %s", async (_name, seen) => {
      const store = make();
      await store.take(lease(), null);
      expect(await store.take(lease({ holder: "i-b", generation: 2 }), seen)).toBe(false);
      expect(await store.read()).toEqual(lease());
    });

    test("is not taken in the place of a lease where there is none", async () => {
      const store = make();
      expect(await store.take(lease({ generation: 2 }), lease())).toBe(false);
      expect(await store.read()).toBeNull();
    });

    test("is taken from its holder by one of those that have seen it as it is", async () => {
      const store = make();
      await store.take(lease(), null);
      const takers = ["i-b", "i-c", "i-d"].map((holder) =>
        store.take(lease({ holder, generation: 2 }), lease()),
      );
      expect((await Promise.all(takers)).filter(Boolean)).toHaveLength(1);
      expect(await store.read()).toMatchObject({ generation: 2 });
    });

    test("is renewed by its holder in its generation only, and by none where it is not there", async () => {
      const store = make();
      expect(await store.renew(lease({ renewal: 1 }))).toBe(false);
      await store.take(lease(), null);
      const later = { renewal: 1, expiresAt: "2026-01-01T00:00:20.000Z" };
      expect(await store.renew(lease(later))).toBe(true);
      expect(await store.renew(lease({ ...later, holder: "i-b" }))).toBe(false);
      expect(await store.renew(lease({ ...later, generation: 2 }))).toBe(false);
      expect(await store.read()).toEqual(lease(later));
    });

    test("is released by its holder only; a renewal that comes late does not take that back", async () => {
      const store = make();
      await store.take(lease(), null);
      expect(await store.release(lease({ generation: 9 }))).toBe(false);
      expect(await store.release(lease())).toBe(true);
      expect(await store.renew(lease({ renewal: 2 }))).toBe(true);
      expect(await store.read()).toMatchObject({ released: true, renewal: 2 });
    });
  });
}
