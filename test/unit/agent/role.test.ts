import { afterEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createRoleLoop } from "../../../agent/role.js";
import type { Loop } from "../../../agent/time/loop.js";
import { manualClock } from "../../support/manual-clock.js";

let role: Loop;
afterEach(() => role.stop());

const soon = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A node that is head, or follows one. `steps`: the moments at which it looks after its lease. */
function start(isHead: boolean) {
  const clock = manualClock();
  const world = { steps: [] as number[], asked: 0, isAtRest: false, isDue: false, clock };
  const lease = {
    ...{ holder: "i-b", holderAddress: "10.0.0.2", generation: 1, renewal: 0, ttlMs: 15_000 },
    ...{ released: false, expiresAt: "2026-01-01T00:00:00.000Z" },
  };
  role = createRoleLoop({
    keeper: {
      async step() {
        world.steps.push(clock.monotonicMs());
        return isHead ? { role: "head", generation: 1 } : { role: "follower", lease };
      },
      generation: () => (isHead ? 1 : null),
      isDue: () => world.isDue,
      seen: () => lease,
      noteRenewal: () => {},
      release: async () => {},
    },
    head: { start: () => {}, stop: () => {}, hasReadyPeer: () => true, isAtRest: () => world.isAtRest },
    link: { isConnected: () => !isHead, follow: () => {}, close: async () => {} },
    peers: {
      closeAll: () => {},
      ask() {
        world.asked += 1;
      },
    },
    ...{ ttlMs: 15_000, restMs: 5_000, isReady: () => true, clock, log: pino({ level: "silent" }) },
  });
  void role.start();
  return world;
}

async function pass(world: ReturnType<typeof start>, seconds: number): Promise<number> {
  const before = world.steps.length;
  for (let ms = 0; ms < seconds * 1_000; ms += 100) {
    world.clock.advance(100);
    await soon();
  }
  return world.steps.length - before;
}

test("a head looks after its lease each second or so, and asks nobody", async () => {
  const world = start(true);
  expect(await pass(world, 30)).toBeGreaterThanOrEqual(24);
  expect(world.asked).toBe(0);
});

test("at rest it does so when the lease is due, and asks its nodes then, until a renewal fails or it is waked", async () => {
  const world = start(true);
  world.isAtRest = true;
  await pass(world, 5);
  expect(await pass(world, 60)).toBe(12);
  expect(world.asked).toBeGreaterThanOrEqual(12);
  world.isDue = true;
  expect(await pass(world, 15)).toBeGreaterThanOrEqual(9);
  world.isDue = false;
  world.isAtRest = false;
  role.wake();
  await soon();
  expect(await pass(world, 10)).toBeGreaterThanOrEqual(8);
});

test("a node that has its head looks seldom, and at once when its link ends", async () => {
  const world = start(false);
  expect(await pass(world, 120)).toBeLessThanOrEqual(6);
  role.wake();
  await soon();
  expect(world.steps.at(-1)).toBe(world.clock.monotonicMs());
});
