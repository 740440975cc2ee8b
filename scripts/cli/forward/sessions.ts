import { createHash, randomBytes, randomInt } from "node:crypto";
import { CODE_SECONDS } from "../core/forwarding.js";

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
/** 31 to the power of 20: 99 bits. */
const CODE_CHARACTERS = 20;
const GROUP = 4;
/** The browser's own, and one in the terminal; a third one ends the first. */
const MOST_CODES = 2;
const MOST_SESSIONS = 16;
/** After so many wrong codes none is good any more: they are guesses. */
const MOST_GUESSES = 10;

/** The sessions of browsers with a server of this machine, in memory. Neither codes nor cookies are kept, only what they hash to. */
export interface Sessions {
  /** A new code, "abcd-efgh-jkmn-pqrs-tuvw": for a person to read, or for a file that the browser opens. */
  newCode(reader: "person" | "browser"): string;
  /** Whether a person has a code that is good: then they need no other. */
  hasCode(): boolean;
  /** The value of Set-Cookie for a code that is good, once; null: it is not, or no more. */
  redeem(typed: string): string | null;
  /** Whether a request's header Cookie has a session. */
  holds(cookies: string | undefined): boolean;
}

/** `port`: of the server. Cookies of one host are sent to all of its ports, so the cookie's name has it. */
export function createSessions(
  port: number,
  now: () => Date,
  what: "notebook" | "console" = "notebook",
): Sessions {
  const name = `muster-${what}-${port}`;
  let codes: readonly { readonly hash: string; readonly untilMs: number; readonly reader: string }[] = [];
  let sessions: readonly string[] = [];
  let guesses = 0;
  const good = () => codes.filter(({ untilMs }) => now().getTime() < untilMs);
  return {
    newCode(reader) {
      const code = randomCode();
      const untilMs = now().getTime() + CODE_SECONDS * 1_000;
      codes = [...good(), { hash: hashOf(code), untilMs, reader }].slice(-MOST_CODES);
      guesses = 0;
      return (code.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? []).join("-");
    },
    hasCode: () => good().some(({ reader }) => reader === "person"),
    redeem(typed) {
      const hash = hashOf(typed.toLowerCase().replace(/[\s-]/g, ""));
      const isGood = good().some((code) => code.hash === hash);
      codes = good().filter((code) => code.hash !== hash);
      if (!isGood) {
        guesses += 1;
        if (guesses >= MOST_GUESSES) codes = [];
        return null;
      }
      const value = randomBytes(32).toString("base64url");
      sessions = [...sessions, hashOf(value)].slice(-MOST_SESSIONS);
      return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict`;
    },
    holds: (cookies = "") =>
      cookies
        .split(";")
        .map((cookie) => cookie.trim().split("="))
        .some(([key, value = ""]) => key === name && sessions.includes(hashOf(value))),
  };
}

const randomCode = (): string =>
  Array.from({ length: CODE_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
/** Hashes may be compared as they are: how long that takes says nothing of what was hashed. */
const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64url");
