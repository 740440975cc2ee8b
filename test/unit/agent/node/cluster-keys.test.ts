import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { ClusterSecret } from "../../../../agent/contract/cluster-secret.js";
import { authorityCertificate, deriveAuthority } from "../../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { type ClusterKeys, createClusterKeys } from "../../../../agent/node/cluster-keys.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { type ManualClock, manualClock } from "../../../support/manual-clock.js";

const START = new Date("2026-01-01T00:00:00Z");
const MINUTE_MS = 60_000;
const FIRST: ClusterSecret = { value: "first", version: 1, since: START, previous: null };

let clock: ManualClock;
let stored: ClusterSecret;
let looks: number;
let isDown: boolean;
let isHead: boolean;
let keys: ClusterKeys;
beforeEach(() => {
  clock = manualClock(0, 1, START);
  [stored, looks, isDown, isHead] = [FIRST, 0, false, false];
  keys = createClusterKeys({
    secret: FIRST,
    async readNewer(known) {
      looks += 1;
      if (isDown) throw new Error("throttled");
      return stored.since.getTime() === known.since.getTime() ? null : stored;
    },
    node: { clusterUuid: CLUSTER_UUID, address: "10.0.0.1" },
    ...{ clock, log: pino({ level: "silent" }) },
  });
  keys.start(() => isHead);
});
afterEach(() => keys.stop());

/** Lets the time pass in steps of a second, and what waits for it run. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    clock.advance(Math.min(1_000, ms - passed));
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
const rotate = (value: string) => {
  stored = { value, version: stored.version + 1, since: clock.now(), previous: stored.value };
};
const issuer = () => new X509Certificate(keys.identity().certificate).issuer.split("CN=")[1];
const chained = () => keys.identity().certificate.split("BEGIN").length - 1;
const nameOf = (secret: string) => deriveAuthority(secret, CLUSTER_UUID).name;
const trustedNames = () => keys.trusted().map((pem) => new X509Certificate(pem).subject.split("CN=")[1]);

describe("a rotation", () => {
  test("is taken over for both sides at once: old and new tokens, both authorities, a certificate that either verifies", async () => {
    const served: string[] = [];
    keys.onIdentity(({ certificate }) => served.push(certificate));
    await pass(5_000);
    rotate("second");
    keys.noteSecretAt(stored.since.getTime());
    await pass(11_000);
    expect(keys.accepted()[0]).toBe("second");
    expect(keys.accepted()).toEqual(["second", "first"]);
    expect(trustedNames()).toEqual([nameOf("second"), nameOf("first")]);
    expect([issuer(), chained()]).toEqual([nameOf("second"), 2]);
    expect(served).toEqual([keys.identity().certificate]);
    expect(keys.retired()).toBeNull();
  });

  test("is told with each change of the secrets: it is known, it is used, the one before counts no more", async () => {
    const told: unknown[] = [];
    keys.onIdentity(() => void told.push([keys.sent(), ...keys.accepted()]));
    await pass(5_000);
    rotate("second");
    keys.doubt();
    await pass(61 * MINUTE_MS);
    expect(told).toEqual([
      ["first", "second", "first"],
      ["second", "second", "first"],
      ["second", "second"],
    ]);
  });

  test("over: old tokens count no more, are known as such, and the old authority is not trusted", async () => {
    await pass(5_000);
    rotate("second");
    keys.doubt();
    await pass(11_000);
    expect(keys.peerToken()).toBe(roleToken("first", "peer"));
    await pass(31 * MINUTE_MS);
    expect(keys.peerToken()).toBe(roleToken("second", "peer"));
    await pass(30 * MINUTE_MS);
    expect([keys.accepted(), keys.retired()]).toEqual([["second"], "first"]);
    expect(trustedNames()).toEqual([nameOf("second")]);
    expect([issuer(), chained()]).toEqual([nameOf("second"), 1]);
  });

  test("is noticed by the head within two minutes, and by the others, who hear nothing of a head, long before they need it", async () => {
    isHead = true;
    await pass(5_000);
    rotate("second");
    await pass(2 * MINUTE_MS + 15_000);
    expect(keys.accepted()[0]).toBe("second");
    isHead = false;
    rotate("third");
    await pass(13 * MINUTE_MS);
    expect(keys.accepted()[0]).toBe("third");
  });

  test("is looked for seldom where nothing speaks for one, and every ten seconds at most where something does", async () => {
    await pass(60 * MINUTE_MS);
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(looks).toBeLessThanOrEqual(8);
    looks = 0;
    for (let second = 0; second < 60; second += 1) {
      keys.doubt();
      await pass(1_000);
    }
    expect(looks).toBeGreaterThanOrEqual(5);
    expect(looks).toBeLessThanOrEqual(6);
  });

  test("is found after an outage of SSM, which changes nothing meanwhile", async () => {
    isDown = true;
    await pass(5_000);
    rotate("second");
    keys.noteSecretAt(stored.since.getTime());
    await pass(5 * MINUTE_MS);
    expect(keys.accepted()).toEqual(["first"]);
    isDown = false;
    await pass(21_000);
    expect(keys.accepted()[0]).toBe("second");
  });

  test("to a parameter that was made anew, without a version of before, keeps what this node had", async () => {
    await pass(5_000);
    stored = { value: "anew", version: 1, since: clock.now(), previous: null };
    keys.noteSecretAt(stored.since.getTime());
    await pass(11_000);
    expect(keys.accepted()).toEqual(["anew", "first"]);
  });
});

describe("the node's certificate", () => {
  test("is renewed while the agent runs, each day, for as long as it runs", async () => {
    const served: string[] = [];
    keys.onIdentity(({ certificate }) => served.push(certificate));
    for (let day = 0; day < 400; day += 1) {
      clock.advance(24 * 60 * MINUTE_MS);
      await pass(1_000);
      const { notBefore, notAfter } = keys.identity();
      const now = clock.now().getTime();
      expect(now - notBefore.getTime()).toBeGreaterThanOrEqual(24 * 60 * MINUTE_MS);
      expect(notAfter.getTime() - now).toBeGreaterThan(6 * 24 * 60 * MINUTE_MS);
    }
    expect(served).toHaveLength(400);
    expect(new Set(served).size).toBe(400);
    // The authority has not changed: who trusted it, still does.
    expect(keys.trusted()).toHaveLength(1);
    const authority = new X509Certificate(authorityCertificate(deriveAuthority("first", CLUSTER_UUID)));
    expect(new X509Certificate(keys.identity().certificate).checkIssued(authority)).toBe(true);
  });
});

describe("a cluster that was off for 400 days", () => {
  const uuid = CLUSTER_UUID;
  /** A new node's keys at that moment, from what SSM has. */
  const bootedAt = (at: Date, secret: ClusterSecret, address: string) =>
    createClusterKeys({
      ...{ secret, node: { clusterUuid: uuid, address }, log: pino({ level: "silent" }) },
      clock: manualClock(0, 1, at),
      readNewer: async () => null,
    });
  const RESUMED = new Date(START.getTime() + 400 * 24 * 60 * MINUTE_MS);

  test.each<[string, ClusterSecret, string[]]>([
    ["keeps its secret", FIRST, ["first"]],
    [
      "was given another one meanwhile",
      {
        ...{ value: "second", version: 2, previous: "first" },
        since: new Date(START.getTime() + 200 * 24 * 60 * MINUTE_MS),
      },
      ["second"],
    ],
    [
      "is given another one as it comes back",
      { value: "second", version: 2, since: new Date(RESUMED.getTime() - MINUTE_MS), previous: "first" },
      ["second", "first"],
    ],
  ])("and %s: its new nodes know each other unaided", (_name, secret, accepted) => {
    const [one, other] = ["10.0.0.1", "10.0.0.2"].map((address) => bootedAt(RESUMED, secret, address));
    if (one === undefined || other === undefined) throw new Error("no keys");
    expect(one.accepted()).toEqual(accepted);
    expect(one.accepted().map((value) => roleToken(value, "peer"))).toContain(other.peerToken());
    const shown = new X509Certificate(one.identity().certificate);
    const authorities = other.trusted().map((pem) => new X509Certificate(pem));
    expect(authorities.some((authority) => shown.checkIssued(authority))).toBe(true);
    for (const { validFromDate, validToDate } of [shown, ...authorities])
      expect([validFromDate < RESUMED, RESUMED < validToDate]).toEqual([true, true]);
  });

  test("is known to who has trusted its authority since before", () => {
    const before = bootedAt(START, FIRST, "10.0.0.1").trusted();
    expect(bootedAt(RESUMED, FIRST, "10.0.0.1").trusted().map(publicPart)).toEqual(before.map(publicPart));
  });
});

const publicPart = (pem: string) =>
  new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" });
