// Apart from problems.ts, so that Terraform's provider need not load the schemas' library.

const SHOWN_CHARACTERS = 60;

/** `script.name`, `environment."A=B"`: steps that are not plain words are quoted, and cut. Pure. */
export const placeOf = (...steps: readonly string[]): string =>
  steps.map((step) => (/^[\w-]{1,60}$/.test(step) ? step : quoted(step))).join(".");

/** A value as a problem shows it, on one line: a text is quoted and cut; for a list or an object, only the kind. Pure. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

const quoted = (text: string): string =>
  text.length > SHOWN_CHARACTERS
    ? `${JSON.stringify(text.slice(0, SHOWN_CHARACTERS))}... (${text.length} characters)`
    : JSON.stringify(text);
