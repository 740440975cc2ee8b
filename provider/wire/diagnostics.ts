import { visibleLine, visibleText } from "../../agent/contract/visible-text.js";
import { type Diagnostic, diagnosticsOf, errorDiagnostic, type PathStep } from "../core/diagnostic.js";
import type { AttributePath, AttributePathStep, WireDiagnostic } from "./messages.js";
import { bounded, wellFormed } from "./text.js";
import { ValueError } from "./value-error.js";

/** A detail may quote a value: a screenful is enough. */
const LONGEST_SUMMARY = 500;
const LONGEST_DETAIL = 10_000;

/** Replacing invisible characters by their codes can make a bounded text longer. */
const UNBOUNDED = Number.POSITIVE_INFINITY;

const MOST_AT_ONCE = 100;

/** Errors first, if there are too many to show: omitting one must not turn a failure into a success. */
export function toWireDiagnostics(diagnostics: readonly Diagnostic[]): readonly WireDiagnostic[] {
  const more = diagnostics.length - MOST_AT_ONCE;
  if (more <= 0) return diagnostics.map(toWireDiagnostic);
  const errorsFirst = [
    ...diagnostics.filter(({ severity }) => severity === "error"),
    ...diagnostics.filter(({ severity }) => severity !== "error"),
  ];
  const rest: Diagnostic = {
    severity: "warning",
    code: "more-diagnostics",
    summary: `${more} more of these`,
    detail: "They are not shown. Correct those that are, and try again.",
  };
  return [...errorsFirst.slice(0, MOST_AT_ONCE), rest].map(toWireDiagnostic);
}

/** The one place where foreign text (a job's lines, a console, AWS's messages) is made safe for the terminal. */
const toWireDiagnostic = (diagnostic: Diagnostic): WireDiagnostic => {
  const { severity, summary, detail, path } = diagnostic;
  const shown = visibleText(wellFormed(bounded(detail, LONGEST_DETAIL)), {
    line: UNBOUNDED,
    text: UNBOUNDED,
  });
  return {
    severity: severity === "error" ? "ERROR" : "WARNING",
    summary: visibleLine(wellFormed(bounded(summary, LONGEST_SUMMARY)), UNBOUNDED),
    detail: shown === "" ? renderCode(diagnostic) : `${shown}\n${renderCode(diagnostic)}`,
    ...(path === undefined ? {} : { attribute: toWirePath(path) }),
  };
};

/** The last line of each detail, however long that is: "Code: job-failed, reason: node-lost". */
const renderCode = ({ code, reasonCode }: Diagnostic): string =>
  `Code: ${code}${reasonCode == null ? "" : `, reason: ${reasonCode}`}`;

/** The protocol can't name an element of a set: the path then ends at the set, whose line Terraform shows. */
export function toWirePath(path: readonly PathStep[]): AttributePath {
  const end = path.findIndex((step) => typeof step === "object" && "someOf" in step);
  const named = (end < 0 ? path : path.slice(0, end)) as readonly NamedStep[];
  return { steps: named.map(toWireStep) };
}

type NamedStep = Exclude<PathStep, { readonly someOf: "set" }>;

function toWireStep(step: NamedStep): AttributePathStep {
  if (typeof step === "string") return { attribute_name: step };
  return typeof step === "number" ? { element_key_int: step } : { element_key_string: step.key };
}

/** The answer of a call that can't work at all: an RPC error would tell a person much less. */
export function failed(error: unknown, doing: string): { readonly diagnostics: readonly WireDiagnostic[] } {
  const diagnostics =
    error instanceof ValueError
      ? [
          errorDiagnostic(
            "value-malformed",
            `Malformed value: can't ${doing}`,
            error.message,
            error.path.length === 0 ? undefined : error.path,
          ),
        ]
      : diagnosticsOf(error, doing);
  return { diagnostics: toWireDiagnostics(diagnostics) };
}
