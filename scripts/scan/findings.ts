import type { Accepted } from "./accepted.js";

/** What the scanner found. */
export interface Finding {
  readonly check: string;
  /** Without the number that cdktf puts at an id's end. */
  readonly resource: string;
  /** What the check is about, in the scanner's words. */
  readonly title: string;
  /** The stack's file. */
  readonly file: string;
}

interface Report {
  readonly results?: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
      readonly file_path: string;
    }[];
  };
  readonly summary?: { readonly passed: number; readonly parsing_errors: number };
}

/** The scanner's report, read. Throws where it could not read a stack, or checked nothing: silence would look like safety. */
export function readReport(text: string): { readonly passed: number; readonly findings: readonly Finding[] } {
  const { results, summary } = JSON.parse(text) as Report;
  if (results === undefined || summary === undefined || summary.passed === 0) {
    throw new Error(`The scanner has checked nothing; its report: ${text.slice(0, 200)}`);
  }
  if (summary.parsing_errors > 0) {
    throw new Error(`The scanner can't read ${summary.parsing_errors} of the stacks' files`);
  }
  const findings = results.failed_checks.map(({ check_id, check_name, resource, file_path }) => ({
    check: check_id,
    resource: resource.replace(/_[0-9A-F]{8}$/, ""),
    title: check_name,
    file: file_path,
  }));
  return { passed: summary.passed, findings };
}

/** What is wrong: each finding that is not accepted, and each accepted one that no longer occurs. Pure. */
export function scanProblems(findings: readonly Finding[], accepted: readonly Accepted[]): string[] {
  const isOf = (finding: Finding, { check, resource }: Accepted): boolean =>
    finding.check === check && finding.resource === resource;
  const open = findings.filter((finding) => !accepted.some((entry) => isOf(finding, entry)));
  const stale = accepted.filter((entry) => !findings.some((finding) => isOf(finding, entry)));
  return [
    ...open.map(
      ({ check, resource, title, file }) =>
        `${check} ${resource} (${file}): ${title}. Mend it, or accept it with the reason in scripts/scan/accepted.ts.`,
    ),
    ...stale.map(
      ({ check, resource }) =>
        `${check} ${resource}: accepted, but no longer found. Remove it from scripts/scan/accepted.ts.`,
    ),
  ];
}
