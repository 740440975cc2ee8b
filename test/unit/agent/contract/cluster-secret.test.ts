import { describe, expect, test } from "@jest/globals";
import {
  acceptedSecrets,
  type ClusterSecret,
  isOverlap,
  readSecretVersions,
  retiredSecret,
  sentSecret,
} from "../../../../agent/contract/cluster-secret.js";

const NOW = new Date("2026-11-26T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const rotated = (minutes: number): ClusterSecret => ({
  ...{ value: "new", version: 2, previous: "old" },
  since: minutesAgo(minutes),
});

describe("after a rotation", () => {
  test.each<[number, readonly string[], string, string | null]>([
    [0, ["new", "old"], "old", null],
    [29, ["new", "old"], "old", null],
    [30, ["new", "old"], "new", null],
    [59, ["new", "old"], "new", null],
    [60, ["new"], "new", "old"],
    [60 * 24 * 400, ["new"], "new", "old"],
    // The clock of SSM is ahead of this machine's.
    [-5, ["new", "old"], "old", null],
  ])("%s minutes ago, what is accepted is %s, and what is sent %s", (minutes, accepted, sent, retired) => {
    const secret = rotated(minutes);
    expect(acceptedSecrets(secret, NOW)).toEqual(accepted);
    expect(sentSecret(secret, NOW)).toBe(sent);
    expect(retiredSecret(secret, NOW)).toBe(retired);
    expect(isOverlap(secret, NOW)).toBe(accepted.length === 2);
  });

  test.each([0, 5, 14, 24])(
    "a node whose clock is %s minutes behind or ahead sends only what each other accepts",
    (skewMinutes) => {
      for (let minutes = 0; minutes < 120; minutes += 1) {
        for (const skew of [-skewMinutes, skewMinutes]) {
          const sent = sentSecret(rotated(minutes), new Date(NOW.getTime() + skew * 60_000));
          expect(acceptedSecrets(rotated(minutes), NOW)).toContain(sent);
          // One that has not learned of it yet, for 5 minutes, knows only the old one.
          if (minutes + skew < 5) expect(sent).toBe("old");
        }
      }
    },
  );
});

test("a secret that was never rotated counts from the start, whenever it was made", () => {
  const secret: ClusterSecret = { value: "only", version: 1, since: NOW, previous: null };
  expect(acceptedSecrets(secret, NOW)).toEqual(["only"]);
  expect([sentSecret(secret, NOW), retiredSecret(secret, NOW), isOverlap(secret, NOW)]).toEqual([
    "only",
    null,
    false,
  ]);
});

describe("the versions of the parameter", () => {
  function store(version: number, minutes: number) {
    const asked: (number | null)[] = [];
    const get = async (wanted: number | null) => {
      asked.push(wanted);
      const at = wanted ?? version;
      return { Value: `v${at}`, Version: at, LastModifiedDate: minutesAgo(minutes) };
    };
    return { asked, get };
  }

  test.each<[string, number, number, boolean, readonly (number | null)[], string | null]>([
    ["the first one", 1, 1, true, [null], null],
    ["one that is new", 5, 10, false, [null, 4], "v4"],
    ["one that is an hour old", 5, 61, false, [null], null],
    ["one that is an hour old, for an agent", 5, 61, true, [null, 4], "v4"],
  ])("%s: as few are read as are needed", async (_name, version, minutes, keepsRetired, asked, previous) => {
    const parameter = store(version, minutes);
    const secret = await readSecretVersions(parameter.get, { now: NOW, keepsRetired });
    expect(secret).toMatchObject({ value: `v${version}`, version, previous });
    expect(parameter.asked).toEqual(asked);
  });

  test("none there, and a version of before that is gone", async () => {
    expect(await readSecretVersions(async () => null, { now: NOW })).toBeNull();
    const { get } = store(3, 1);
    const secret = await readSecretVersions(async (wanted) => (wanted === null ? get(wanted) : null), {
      now: NOW,
    });
    expect(secret).toMatchObject({ value: "v3", previous: null });
  });
});
