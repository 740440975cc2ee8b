import type { AccountFinding } from "../core/account-check.js";
import { renderTable } from "./table.js";

/** What `muster account show` shows. */
export interface ShownAccount {
  readonly org: string;
  readonly region: string;
  readonly account: string | null;
  readonly roleArn: string | null;
  readonly externalId: string | null;
  readonly stsRegion: string;
  /** The ARN of what calls are made as; null: STS does not say it. */
  readonly caller: string | null;
}

/** Lines for a person. Pure. */
export const renderAccount = (shown: ShownAccount): readonly string[] =>
  renderTable(
    ["", ""],
    [
      ["org", `${shown.org} in ${shown.region}`],
      ["account", shown.account ?? "any (muster.yaml names none)"],
      ["role", shown.roleArn ?? "none: the credentials are used as they are"],
      ["external id", shown.externalId ?? "none"],
      ["sessions from", shown.roleArn === null ? "-" : `STS in ${shown.stsRegion}`],
      ["calls are made as", shown.caller ?? "not known: STS does not answer"],
    ],
  ).slice(1);

/** A line for each finding, and its next step below it. Pure. */
export const renderFindings = (findings: readonly AccountFinding[]): readonly string[] =>
  findings.flatMap(({ check, state, code, message, next }) => [
    `${state.padEnd(10)} ${check}: ${message}${code === null ? "" : ` (${code})`}`,
    ...(next === null ? [] : [`${" ".repeat(11)}Next: ${next}`]),
  ]);
