const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12 s", "3 min", "2 h 5 min", "4 days". */
export function lasting(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.round(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < DAY) {
    const minutes = Math.round((ms % HOUR) / MINUTE);
    return minutes === 0 || minutes === 60
      ? `${Math.round(ms / HOUR)} h`
      : `${Math.floor(ms / HOUR)} h ${minutes} min`;
  }
  const days = Math.round(ms / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

/** How long ago, or until when. */
export function ago(time: string, nowMs: number = Date.now()): string {
  const ms = nowMs - Date.parse(time);
  if (Math.abs(ms) < 5 * SECOND) return "now";
  return ms > 0 ? `${lasting(ms)} ago` : `in ${lasting(-ms)}`;
}

/** In the person's own time zone. */
export const atTime = (time: string): string =>
  new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** From a start to an end, or to now. */
export const span = (from: string | null, to: string | null): string =>
  from === null ? "" : lasting((to === null ? Date.now() : Date.parse(to)) - Date.parse(from));

export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : several}`;

/** The last part of an ARN: who it is. */
export const shortArn = (arn: string): string => arn.split(/[/:]/).at(-1) ?? arn;
