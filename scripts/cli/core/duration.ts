const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds of "90", "90s", "15m" or "2h"; null for anything else. Whole, from 1. Pure. */
export function parseSeconds(text: string): number | null {
  const [, count = "", unit = "s"] = /^([1-9][0-9]{0,7})([smh])?$/.exec(text) ?? [];
  return count === "" ? null : Number(count) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS];
}
