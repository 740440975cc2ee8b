import type { Finding } from "../core/doctor.js";

const WORDS = { ok: "ok", warning: "warning", missing: "MISSING" } as const satisfies Record<
  Finding["state"],
  string
>;

/** A line for each, and under it the next step. Pure. */
export function renderFindings(findings: readonly Finding[]): readonly string[] {
  const nameWidth = Math.max(0, ...findings.map(({ name }) => name.length));
  return findings.flatMap(({ name, state, found, next }) => [
    `${WORDS[state].padEnd(7)}  ${name.padEnd(nameWidth)}  ${found}`,
    ...(next === null ? [] : [`${" ".repeat(9)}next: ${next}`]),
  ]);
}

/** "Nothing that is needed is missing." Pure. */
export function renderVerdict(findings: readonly Finding[]): string {
  const missing = findings.filter(({ state }) => state === "missing").map(({ name }) => name);
  return missing.length === 0 ? "Nothing that is needed is missing." : `Missing: ${missing.join(", ")}.`;
}
