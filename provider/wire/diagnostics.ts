import { type Diagnostic, diagnosticsOf, errorDiagnostic, type PathStep } from "../core/diagnostic.js";
import type { AttributePath, AttributePathStep, WireDiagnostic } from "./messages.js";
import { ValueError } from "./value.js";

export function toWireDiagnostics(diagnostics: readonly Diagnostic[]): readonly WireDiagnostic[] {
  return diagnostics.map(({ severity, summary, detail, path }) => ({
    severity: severity === "error" ? "ERROR" : "WARNING",
    summary,
    detail,
    ...(path === undefined ? {} : { attribute: toWirePath(path) }),
  }));
}

export function toWirePath(path: readonly PathStep[]): AttributePath {
  return { steps: path.map(toWireStep) };
}

function toWireStep(step: PathStep): AttributePathStep {
  if (typeof step === "string") return { attribute_name: step };
  return typeof step === "number" ? { element_key_int: step } : { element_key_string: step.key };
}

/** What a call answers when it can't do its work at all: an RPC error would tell the person far less. */
export function failed(error: unknown, doing: string): { readonly diagnostics: readonly WireDiagnostic[] } {
  const diagnostics =
    error instanceof ValueError
      ? [errorDiagnostic(`Malformed value: can't ${doing}`, error.message)]
      : diagnosticsOf(error, doing);
  return { diagnostics: toWireDiagnostics(diagnostics) };
}
