import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createLeaseKeeper, type LeaseKeeper } from "../../../../agent/lease/keeper.js";
import { type LeaseTable, leaseTable } from "../../../support/agent/lease-table.js";
import { type ManualClock, manualClock } from "../../../support/manual-clock.js";

const TTL_MS = 15_000;
const log = pino({ level: "silent" });

function contender(
  id: string,
  store: LeaseTable,
  clock: ManualClock,
  isReady = true,
  mayHold = true,
): LeaseKeeper {
  const self = { id, address: `10.0.0.${id.length}` };
  return createLeaseKeeper({ store, clock, self, ttlMs: TTL_MS, isReady: () => isReady, mayHold, log });
}

describe("a node that may not be head", () => {
  test("never takes the lease, however free it is, and follows who has it", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const notebook = contender("i-notebook", table, clock, true, false);
    for (let look = 0; look < 10; look += 1) {
      expect(await notebook.step(false)).toEqual({ role: "contender" });
      clock.advance(TTL_MS);
    }
    expect(table.item).toBeNull();
    await contender("i-a", table, clock).step(false);
    expect(await notebook.step(false)).toMatchObject({ role: "follower", lease: { holder: "i-a" } });
    clock.advance(10 * TTL_MS);
    expect(await notebook.step(false)).toMatchObject({ role: "follower" });
    expect([notebook.generation(), table.item?.holder]).toEqual([null, "i-a"]);
  });
});

describe("one node", () => {
  test("takes the free lease and renews it at every third of its ttl, or a tenth of that sooner", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const keeper = contender("i-a", table, clock);

    expect(await keeper.step(false)).toEqual({ role: "head", generation: 1 });
    clock.advance(0.9 * (TTL_MS / 3) - 1);
    await keeper.step(false);
    expect([table.item?.renewal, keeper.isDue()]).toEqual([0, false]);
    clock.advance(1);
    expect(keeper.isDue()).toBe(true);
    await keeper.step(false);
    expect([table.item?.renewal, keeper.isDue()]).toEqual([1, false]);
    expect(table.reads).toBe(1);
  });

  test("says in the lease until when it holds it, by its own clock, and shows the lease that it took", async () => {
    const table = leaseTable();
    const clock = manualClock(0, 1, new Date("2026-01-01T00:00:00Z"));
    const keeper = contender("i-a", table, clock);
    expect(keeper.seen()).toBeNull();
    await keeper.step(false);
    expect(table.item?.expiresAt).toBe("2026-01-01T00:00:15.000Z");
    expect(keeper.seen()).toEqual(table.item);
  });

  test("holds the lease for nine tenths of its ttl, and no more from that very moment", async () => {
    const clock = manualClock();
    const keeper = contender("i-a", leaseTable(), clock);
    await keeper.step(false);
    clock.advance(0.9 * TTL_MS - 1);
    expect(keeper.generation()).toBe(1);
    clock.advance(1);
    expect(keeper.generation()).toBeNull();
  });

  test("does not take word of a renewal from others while it is head, nor before it has seen a lease", async () => {
    const keeper = contender("i-a", leaseTable(), manualClock());
    keeper.noteRenewal(1, 7);
    expect(keeper.seen()).toBeNull();
    await keeper.step(false);
    keeper.noteRenewal(1, 7);
    expect(keeper.seen()?.renewal).toBe(0);
  });

  test("steps down by its own clock when it can't renew, even between two steps", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const keeper = contender("i-a", table, clock);
    await keeper.step(false);
    table.down = true;

    clock.advance(TTL_MS / 3);
    expect(await keeper.step(false)).toEqual({ role: "head", generation: 1 });
    clock.advance(TTL_MS * 0.56);
    expect(keeper.generation()).toBe(1);
    clock.advance(TTL_MS * 0.02);
    expect(keeper.generation()).toBeNull();
    await expect(keeper.step(false)).rejects.toThrow("does not answer");
    expect(keeper.generation()).toBeNull();
  });

  test("goes on when the table answers again in time", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const keeper = contender("i-a", table, clock);
    await keeper.step(false);
    table.down = true;
    clock.advance(TTL_MS / 2);
    await keeper.step(false);
    table.down = false;
    clock.advance(1_000);

    expect(await keeper.step(false)).toEqual({ role: "head", generation: 1 });
    clock.advance(TTL_MS * 0.8);
    expect(keeper.generation()).toBe(1);
  });

  test("after a restart takes its own lease back at once, as a new generation", async () => {
    const table = leaseTable();
    const clock = manualClock();
    await contender("i-a", table, clock).step(false);
    clock.advance(1_000);

    expect(await contender("i-a", table, clock).step(false)).toEqual({ role: "head", generation: 2 });
  });

  test("learns that another has taken the lease when it renews", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const keeper = contender("i-a", table, clock);
    await keeper.step(false);
    if (table.item) table.item = { ...table.item, holder: "i-b", generation: 2 };
    clock.advance(TTL_MS / 3);

    expect(await keeper.step(false)).toEqual({ role: "contender" });
    expect(await keeper.step(false)).toMatchObject({ role: "follower", lease: { holder: "i-b" } });
  });

  test("that is not ready leaves the lease to others first", async () => {
    const clock = manualClock();
    const keeper = contender("i-a", leaseTable(), clock, false);
    expect(await keeper.step(false)).toEqual({ role: "contender" });
    clock.advance(2 * TTL_MS);
    expect(await keeper.step(false)).toEqual({ role: "head", generation: 1 });
  });
});

describe("a node that is not ready, and so takes no lease yet", () => {
  test.each([
    ["another holds", "i-bb", false, "follower"],
    ["another has released", "i-bb", true, "contender"],
    ["it held in an earlier life", "i-a", false, "contender"],
  ])("follows only the holder of the lease: one that %s", async (_name, holder, isReleased, role) => {
    const table = leaseTable();
    const clock = manualClock();
    await contender(holder, table, clock).step(false);
    if (table.item) table.item = { ...table.item, released: isReleased };
    expect(await contender("i-a", table, clock, false).step(false)).toMatchObject({ role });
  });
});

describe("two nodes", () => {
  test("only one becomes head, the other follows it", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    const standings = await Promise.all([a.step(false), b.step(false)]);

    expect(standings.filter(({ role }) => role === "head")).toHaveLength(1);
    expect(standings).toContainEqual({ role: "follower", lease: table.item });
  });

  test("a lost head is replaced after its ttl, not before", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    await a.step(false);
    await b.step(false);

    clock.advance(TTL_MS - 1);
    expect((await b.step(false)).role).toBe("follower");
    clock.advance(1);
    expect(await b.step(false)).toEqual({ role: "head", generation: 2 });
    expect(a.generation()).toBeNull();
  });

  /** Lets the time pass with a step of each node every second. */
  async function pass(ms: number, clock: ManualClock, ...keepers: LeaseKeeper[]): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
      clock.advance(1_000);
      for (const keeper of keepers) await keeper.step(false).catch(() => {});
    }
  }

  test.each([20_000, 45_000, 600_000])(
    "after an outage of %i ms the head of before has its lease back, whoever looks first",
    async (outageMs) => {
      const table = leaseTable();
      const clock = manualClock();
      const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
      await a.step(false);
      await b.step(false);
      table.down = true;
      await pass(outageMs, clock, b, a);
      expect([a.generation(), b.generation()]).toEqual([null, null]);
      table.down = false;

      expect((await b.step(false)).role).toBe("follower");
      expect(await a.step(false)).toEqual({ role: "head", generation: 2 });
    },
  );

  test("an agent that was restarted in the outage has its lease back, too", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    await a.step(false);
    await b.step(false);
    table.down = true;
    await pass(60_000, clock, b, a);
    table.down = false;
    await pass(5_000, clock, b);
    expect(await contender("i-a", table, clock).step(false)).toEqual({ role: "head", generation: 2 });
  });

  test("a head that is lost in an outage is replaced a ttl after it; one answer that fails delays nothing", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    await a.step(false);
    await b.step(false);
    table.down = true;
    await pass(45_000, clock, b);
    table.down = false;
    await pass(10_000, clock, b);
    table.down = true;
    await pass(1_000, clock, b);
    table.down = false;
    await pass(4_000, clock, b);
    expect(b.generation()).toBeNull();
    await pass(1_000, clock, b);
    expect(b.generation()).toBe(2);
  });

  test.each([
    ["a third of the ttl delays nothing", TTL_MS / 3, "head"],
    ["more begins the watch anew", TTL_MS / 3 + 1, "follower"],
  ])("the table's silence of %s", async (_name, silenceMs, role) => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    await a.step(false);
    await b.step(false);
    clock.advance(TTL_MS - silenceMs);
    table.down = true;
    await expect(b.step(false)).rejects.toThrow("does not answer");
    table.down = false;
    clock.advance(silenceMs);
    expect((await b.step(false)).role).toBe(role);
  });

  test("a released lease is taken at once", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    await a.step(false);
    await b.step(false);
    await a.release();

    expect(a.generation()).toBeNull();
    expect(await b.step(false)).toEqual({ role: "head", generation: 2 });
  });

  test("a renewal heard from the head counts as seen, and the table is not read while connected", async () => {
    const table = leaseTable();
    const clock = manualClock();
    const [a, b] = [contender("i-a", table, clock), contender("i-bb", table, clock)];
    await a.step(false);
    await b.step(false);
    clock.advance(TTL_MS / 3);
    await a.step(false);
    b.noteRenewal(1, 1);
    const readsBefore = table.reads;
    clock.advance(TTL_MS - 1);
    await b.step(true);
    expect(table.reads).toBe(readsBefore);

    expect((await b.step(false)).role).toBe("follower");
    clock.advance(1);
    expect((await b.step(false)).role).toBe("head");
  });

  test.each([
    ["clocks years apart", 5e11, 1, 1],
    ["the head's clock 5 % slow, the other's 4 % fast", 0, 0.95, 1.04],
    ["the head's clock 5 % fast, the other's 4 % slow", 0, 1.05, 0.96],
  ])("are never head both: %s", async (_name, offsetMs, headRate, otherRate) => {
    const table = leaseTable();
    const clockA = manualClock(0, headRate, new Date("2026-01-01T00:00:00Z"));
    const clockB = manualClock(offsetMs, otherRate, new Date("2036-01-01T00:00:00Z"));
    const a = contender("i-a", table, clockA);
    const b = contender("i-bb", table, clockB);
    const terms: string[] = [];
    let cut: LeaseKeeper | null = null;

    for (let elapsedMs = 0; elapsedMs < 20 * TTL_MS; elapsedMs += 100) {
      // Whoever is head is cut off from the table for two ttls, then everything works for one, and so on.
      const phase = Math.floor(elapsedMs / TTL_MS) % 3;
      if (phase === 0) cut = null;
      else cut ??= a.generation() === null ? b : a;
      for (const keeper of [a, b]) {
        table.down = keeper === cut;
        await keeper.step(false).catch(() => {});
      }
      expect([a.generation(), b.generation()]).toContain(null);
      const head = a.generation() === null ? (b.generation() === null ? "" : "b") : "a";
      if (head !== "" && terms.at(-1) !== head) terms.push(head);
      clockA.advance(100);
      clockB.advance(100);
    }
    expect(terms.length).toBeGreaterThan(4);
    expect(new Set(terms)).toEqual(new Set(["a", "b"]));
  });
});
