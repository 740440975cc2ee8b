import type { ReasonCode } from "../../agent/contract/reasons.js";
import type { DiagnosticCode } from "./diagnostic-codes.js";

/** One step into a value: an attribute's name, a list's index, a map's key, or some element of a set, which has no index. */
export type PathStep = string | number | { readonly key: string } | { readonly someOf: "set" };

/**
 * What Terraform shows to a person. `summary` says what is wrong in one line, `detail` what was found and the next step. `path`
 * is the attribute, so that Terraform can show the line of the configuration. `code` is of the one
 * list of codes, `reasonCode` that of the cluster's or the job's reason that it passes on; both are shown below the detail.
 */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  readonly reasonCode?: ReasonCode | null;
  readonly summary: string;
  readonly detail: string;
  readonly path?: readonly PathStep[];
}

/** A diagnostic that is no error, about no attribute. */
export type Warning = Omit<Diagnostic, "severity" | "path">;

/** An error: what is wrong, then what was found and the next step. */
export function errorDiagnostic(
  code: DiagnosticCode,
  summary: string,
  detail: string,
  path?: readonly PathStep[],
): Diagnostic {
  return { severity: "error", code, summary, detail, ...(path === undefined ? {} : { path }) };
}

/**
 * A failure that is already worded for a person. `transient` marks one that may pass by itself (throttling, 5xx, a broken
 * connection): polls continue after it until they time out. `isCommon` marks one that is about no particular object
 * (credentials): every call throws the same error, and a refresh of many objects reports it once.
 */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  readonly diagnostics: readonly Diagnostic[];
  readonly transient: boolean;
  readonly isCommon: boolean;

  constructor(
    diagnostics: readonly Diagnostic[],
    options: { cause?: unknown; transient?: boolean; isCommon?: boolean } = {},
  ) {
    super(diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`).join("\n"), {
      cause: options.cause,
    });
    this.diagnostics = diagnostics;
    this.transient = options.transient ?? false;
    this.isCommon = options.isCommon ?? false;
  }
}

/** An error to throw with one diagnostic. */
export function failure(
  code: DiagnosticCode,
  summary: string,
  detail: string,
  path?: readonly PathStep[],
): DiagnosticError {
  return new DiagnosticError([errorDiagnostic(code, summary, detail, path)]);
}

/** Terraform asked the provider to stop (Ctrl-C). */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

const reported = new WeakSet<Error>();

/**
 * As diagnosticsOf, but none for a common error that was reported before: one error ends Terraform's plan, and a thousand equal
 * ones would hide it. Only for calls that change nothing when they fail: a create must always report its error.
 */
export function diagnosticsOnce(error: unknown, doing: string): readonly Diagnostic[] {
  if (error instanceof DiagnosticError && error.isCommon) {
    if (reported.has(error)) return [];
    reported.add(error);
  }
  return diagnosticsOf(error, doing);
}

/** Any thrown value as diagnostics. `doing` names the action and the object, e.g. "create muster_cluster". */
export function diagnosticsOf(error: unknown, doing: string): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  if (error instanceof InterruptedError) {
    return [
      errorDiagnostic(
        "interrupted",
        `Interrupted: ${doing}`,
        `${error.message} Nothing is lost: what exists so far is in the state; apply or destroy again to go on.`,
      ),
    ];
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [
    errorDiagnostic(
      "unexpected",
      `Could not ${doing}`,
      `${detail}. This was not expected; TF_LOG=DEBUG shows more.`,
    ),
  ];
}
