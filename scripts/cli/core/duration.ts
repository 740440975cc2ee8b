import { parseDuration, renderDuration } from "../../../agent/contract/duration.js";

const DAY_SECONDS = 86_400;

/** As parseSeconds, and also whole days: "30d". Pure. */
export function parseDays(text: string): number | null {
  const days = /^([1-9][0-9]{0,4})d$/.exec(text);
  return days === null ? parseSeconds(text) : Number(days[1]) * DAY_SECONDS;
}

/** Seconds for people, from two days on in days: "30d", "47h". Pure. */
export const renderAge = (seconds: number): string =>
  seconds >= 2 * DAY_SECONDS
    ? `${Math.floor(seconds / DAY_SECONDS)}d`
    : renderDuration(Math.floor(seconds) * 1000);

/** Seconds of "90", "90s", "15m" or "1h30m"; null for anything else. Whole, from 1. Pure. */
export function parseSeconds(text: string): number | null {
  const milliseconds = parseDuration(/^[0-9]+$/.test(text) ? `${text}s` : text);
  return milliseconds !== null && milliseconds % 1000 === 0 ? milliseconds / 1000 : null;
}
