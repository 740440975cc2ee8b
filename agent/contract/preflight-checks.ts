/** What is checked before a deploy, by the name by which a check is skipped. In the order in which findings are shown. */
export const PREFLIGHT_CHECKS = [
  "vcpus",
  "elastic-ips",
  "vpcs",
  "subnet",
  "offering",
  "efa",
  "placement",
  "image",
  "root-volume",
  "key",
  "rights",
  "dry-run",
] as const;
export type PreflightCheck = (typeof PREFLIGHT_CHECKS)[number];

/** The environment variable with further checks that plans leave out, comma-separated: what the caller's role can't ask. */
export const SKIPPED_CHECKS_VARIABLE = "MUSTER_PREFLIGHT_SKIP";

/**
 * What a finding is. A plan fails with a problem, and with nothing else: what could not be asked never fails one.
 */
export const FINDING_KINDS = ["problem", "warning", "unchecked", "unproven"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** How long a preflight's calls may take together, where nothing else is said. What has no answer then is unchecked. */
export const PREFLIGHT_SECONDS = 5;

/** One thing that a check has found. Texts are for a person. */
export interface Finding {
  readonly check: PreflightCheck;
  readonly is: FindingKind;
  /** What it is about: a quota, a subnet, an image, a cluster's instance type. */
  readonly resource: string;
  /** What the declaration asks of it, with its number and unit: "1024 vCPUs for alpha". */
  readonly asked: string;
  /** What is there, likewise; for what could not be asked, why. */
  readonly there: string;
  /** What to do. */
  readonly next: string;
}

/** A finding in one line. Pure. */
const renderFinding = ({ check, resource, asked, there, next }: Finding): string =>
  `${check}: ${resource}: asked: ${asked}; there: ${there}. ${next}`;

/** The findings that a deploy would fail of, each in one line. Pure. */
export const problemsIn = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ is }) => is === "problem").map(renderFinding);
