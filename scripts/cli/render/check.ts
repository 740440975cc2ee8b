import type { Finding } from "../../../agent/contract/preflight-checks.js";

/** Each finding on four lines: what it is, what is asked, what is there, what to do. Pure. */
export const renderFindings = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ check, is, resource, asked, there, next }) => [
    `${is}: ${resource} (${check})`,
    `  asked: ${asked}`,
    `  there: ${there}`,
    `  next:  ${next}`,
  ]);

/** "2 problems, 1 warning", of all kinds that there are; of none: that nothing was found. Pure. */
export function countFindings(findings: readonly Finding[]): string {
  const count = (kind: Finding["is"]) => findings.filter(({ is }) => is === kind).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const parts = [
    problems === 0 ? "no problems" : problems === 1 ? "1 problem" : `${problems} problems`,
    ...(warnings === 0 ? [] : [warnings === 1 ? "1 warning" : `${warnings} warnings`]),
    ...(["unchecked", "unproven"] as const).flatMap((kind) =>
      count(kind) === 0 ? [] : [`${count(kind)} ${kind}`],
    ),
  ];
  return parts.join(", ");
}
