import { randomBytes } from "node:crypto";

const MAX_TTL_SECONDS = 21_600;

/** IMDSv2's session tokens: valid for the address that asked, until they expire. In memory. */
export interface SessionTokens {
  /** A token for `address`, or null if `ttlHeader` is not a whole number from 1 to 21600. */
  issue(address: string, ttlHeader: string | undefined): { token: string; ttlSeconds: number } | null;
  isValid(address: string, token: string | undefined): boolean;
}

/** `nowMs` is the clock, in Unix milliseconds. */
export function createSessionTokens(nowMs: () => number = Date.now): SessionTokens {
  const issued = new Map<string, { readonly address: string; readonly expiresAtMs: number }>();
  return {
    issue(address, ttlHeader) {
      const ttlSeconds = /^\d{1,5}$/.test(ttlHeader ?? "") ? Number(ttlHeader) : 0;
      if (ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) return null;
      for (const [token, { expiresAtMs }] of issued) if (expiresAtMs <= nowMs()) issued.delete(token);
      const token = randomBytes(40).toString("base64url");
      issued.set(token, { address, expiresAtMs: nowMs() + ttlSeconds * 1000 });
      return { token, ttlSeconds };
    },
    isValid(address, token) {
      const found = token === undefined ? undefined : issued.get(token);
      return found !== undefined && found.address === address && found.expiresAtMs > nowMs();
    },
  };
}
