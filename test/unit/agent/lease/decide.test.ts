import { describe, expect, test } from "@jest/globals";
import type { LeaseItem } from "../../../../agent/contract/registry.js";
import { holdingAfter, planContention, sightLease } from "../../../../agent/lease/decide.js";

const lease = (overrides: Partial<LeaseItem> = {}): LeaseItem => ({
  holder: "i-other",
  holderAddress: "10.0.0.2",
  generation: 3,
  renewal: 7,
  ttlMs: 15_000,
  released: false,
  expiresAt: "2026-01-01T00:00:15.000Z",
  ...overrides,
});
const self = { id: "i-self", isReady: true, ttlMs: 15_000 };
const unready = { ...self, isReady: false };

describe("sight", () => {
  test.each([
    ["the same term goes on", lease(), lease({ expiresAt: "2030-01-01T00:00:00.000Z" }), 100],
    ["a renewal starts anew", lease(), lease({ renewal: 8 }), 500],
    ["a new generation starts anew", lease(), lease({ generation: 4 }), 500],
    ["a release starts anew", lease(), lease({ released: true }), 500],
    ["no lease stays no lease", null, null, 100],
    ["a first lease starts anew", null, lease(), 500],
    ["a lease that is gone starts anew", lease(), null, 500],
  ])("%s", (_name, before, after, sinceMs) => {
    expect(sightLease({ lease: before, sinceMs: 100 }, after, 500).sinceMs).toBe(sinceMs);
  });
});

describe("planContention", () => {
  test.each([
    ["there is no lease", null, 0, self, "take"],
    ["it was released", lease({ released: true }), 0, self, "take"],
    ["an earlier life of this node holds it", lease({ holder: "i-self" }), 0, self, "take"],
    ["it changed just now", lease(), 0, self, "follow"],
    ["it has been still for less than its ttl", lease(), 14_999, self, "follow"],
    ["it has been still for its ttl", lease(), 15_000, self, "take"],
    ["the holder's own ttl counts, not ours", lease({ ttlMs: 60_000 }), 15_000, self, "follow"],
    ["there is no lease, but this node is not ready", null, 29_999, unready, "wait"],
    ["nobody better took it for two ttls", null, 30_000, unready, "take"],
    ["it ran out, but this node is not ready", lease(), 44_999, unready, "follow"],
    ["it ran out and nobody better took it", lease(), 45_000, unready, "take"],
  ] as const)("%s", (_name, seen, unchangedMs, contender, plan) => {
    expect(planContention({ lease: seen, sinceMs: 1_000 }, contender, 1_000 + unchangedMs)).toBe(plan);
  });
});

test("a holder gives up before anyone may take over", () => {
  const { validUntilMs, renewAtMs } = holdingAfter(1, 0, 1_000, 15_000);
  expect(renewAtMs).toBe(6_000);
  expect(validUntilMs).toBeLessThan(1_000 + 15_000);
  expect(validUntilMs).toBeGreaterThan(renewAtMs + 5_000);
});
