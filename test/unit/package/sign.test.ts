import { describe, expect, test } from "@jest/globals";
import { expiryProblem, parseKey } from "../../../scripts/package/sign.js";

const NOW = new Date("2026-01-01T00:00:00Z");
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

test.each([
  ["a key that does not expire", "pub:u:255:22:B49C7EA2165FE4F4:1795765000:::u:::scESC:", null],
  [
    "one that does",
    "tru::1:\npub:u:255:22:B49C7EA2165FE4F4:1795765000:1798761600::u:::scESC:",
    "2027-01-01T00:00:00.000Z",
  ],
])("%s", (_what, listed, expires) => {
  const { id, expiresAt } = parseKey(listed);
  expect({ id, expires: expiresAt?.toISOString() ?? null }).toEqual({ id: "B49C7EA2165FE4F4", expires });
});

test("fails where gpg lists no key", () => {
  expect(() => parseKey("tru::1:\n")).toThrow("gpg lists no public key");
});

describe("a release is signed", () => {
  test.each([
    ["by a key that does not expire", null],
    ["by one that expires in 90 days", inDays(90)],
  ])("%s", (_what, expiresAt) => {
    expect(expiryProblem("k", expiresAt, NOW)).toBeNull();
  });

  test.each([inDays(89), inDays(-1)])("and not by one that expires on %s", (expiresAt) => {
    const problem = expiryProblem("k", expiresAt, NOW);
    expect(problem).toContain(`The key k expires on ${expiresAt.toISOString().slice(0, 10)}.`);
    expect(problem).toContain("gpg --quick-set-expire");
  });
});
