import { FINDING_KINDS, type Finding } from "../../../agent/contract/preflight-checks.js";

/** Each finding on four lines: what it is, what is asked, what is there, what to do. Pure. */
export const renderFindings = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ check, is, resource, asked, there, next }) => [
    `${is}: ${resource} (${check})`,
    `  asked: ${asked}`,
    `  there: ${there}`,
    `  next:  ${next}`,
  ]);

const PLURALS: Readonly<Record<string, string>> = { problem: "problems", warning: "warnings" };

/** "2 problems, 1 warning, 3 unchecked": of all kinds that there are, and of problems in any case. Pure. */
export function countFindings(findings: readonly Finding[]): string {
  const parts = FINDING_KINDS.flatMap((kind) => {
    const count = findings.filter(({ is }) => is === kind).length;
    const word = count === 1 ? kind : (PLURALS[kind] ?? kind);
    if (count > 0) return [`${count} ${word}`];
    return kind === "problem" ? ["no problems"] : [];
  });
  return parts.join(", ");
}
