import { parseDuration } from "../../../agent/contract/duration.js";

/** Seconds of "90", "90s", "15m" or "1h30m"; null for anything else. Whole, from 1. Pure. */
export function parseSeconds(text: string): number | null {
  const milliseconds = parseDuration(/^[0-9]+$/.test(text) ? `${text}s` : text);
  return milliseconds !== null && milliseconds % 1000 === 0 ? milliseconds / 1000 : null;
}
