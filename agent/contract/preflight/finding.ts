import type { Finding, FindingKind, PreflightCheck } from "../preflight-checks.js";
import type { Known, Unknown } from "./facts.js";

/** A finding without its check. */
export type Found = Omit<Finding, "check">;

const found =
  (is: FindingKind) =>
  (resource: string, asked: string, there: string, next: string): Found => ({
    ...{ is, resource, asked, there, next },
  });

/** A deploy would fail of it. */
export const problem = found("problem");
/** A deploy may fail of it. */
export const warning = found("warning");
/** It can be neither confirmed nor denied. */
export const unproven = found("unproven");

/** What could not be asked, and the right that is missing. */
export const unchecked = (
  check: PreflightCheck,
  resource: string,
  asked: string,
  { why, right }: Unknown,
): Found =>
  found("unchecked")(
    resource,
    asked,
    `not known: ${why}`,
    right === null
      ? `Try again, or skip the check "${check}".`
      : `Allow ${right} to the credentials, or skip the check "${check}".`,
  );

/** What `see` finds in an answer; where there is none, that. */
export const within = <T>(
  known: Known<T>,
  missing: (unknown: Unknown) => Found,
  see: (value: T) => readonly Found[],
): readonly Found[] => ("unknown" in known ? [missing(known.unknown)] : see(known.value));

/** "1 node", "2 nodes". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
