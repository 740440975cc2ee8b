import { UUID_PATTERN } from "../../agent/contract/names.js";
import type { Check } from "../core/types.js";

/** The text matches `pattern`; `meaning` completes "must be ...". */
export const matches =
  (pattern: string | RegExp, meaning: string): Check<string> =>
  (text) =>
    new RegExp(pattern).test(text) ? null : `must be ${meaning}`;

export const between =
  (minimum: number, maximum: number): Check<number> =>
  (value) =>
    value >= minimum && value <= maximum ? null : `must be from ${minimum} to ${maximum}`;

export const oneOf =
  (values: readonly string[]): Check<string> =>
  (value) =>
    values.includes(value) ? null : `must be one of ${values.join(", ")}`;

export const isClusterUuid: Check<string> = matches(
  UUID_PATTERN,
  "a cluster's UUID, like 6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21",
);
/** The contract's NAME_PATTERN in words. */
export const NAME_MEANING = "2-32 lower-case letters, digits and hyphens, a letter first and no hyphen last";
