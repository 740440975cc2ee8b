const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const WHOLE = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/;
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s)/g;

// Go's notation, which Terraform's users write, and no other: `ms` knows one unit at a time, `parse-duration` takes any text.

/** A duration as Terraform users write it ("30m", "1h30m", "90s") in milliseconds, or null where it is none. Pure. */
export function parseDuration(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  const parts = [...text.matchAll(PART)];
  const milliseconds = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0),
    0,
  );
  return milliseconds > 0 && Number.isFinite(milliseconds) ? milliseconds : null;
}

/** Milliseconds for people: "250ms", "45s", "30m", "1h30m". Pure. */
export function renderDuration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole > 0 && whole < 1000) return `${whole}ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    seconds % 60,
  ];
  return [hours > 0 ? `${hours}h` : "", minutes > 0 ? `${minutes}m` : "", rest > 0 ? `${rest}s` : ""].join(
    "",
  );
}
