import { stringify } from "yaml";

/** The version of Terraform that pipelines install: the one that Muster is tested with. */
export const TERRAFORM_VERSION = "1.11.4";

const MUSTER = "npx --no-install muster";

/** The role of plans may start nothing, so EC2 and IAM would say no to what the role that deploys may do. */
const MAY_NOT_START = "--skip rights --skip dry-run";

/** What every pipeline runs, in the project's folder. */
export const PIPELINE_COMMANDS = {
  /** package-lock.json says which packages, Muster's own among them. */
  setUp: "npm ci",
  check: `${MUSTER} check ${MAY_NOT_START}`,
  plan: `${MUSTER} plan --markdown ${MAY_NOT_START} >plan.md`,
  deploy: `${MUSTER} deploy --yes`,
  drift: `${MUSTER} plan --markdown --expect-none >drift.md`,
  reap: `${MUSTER} reap`,
  leftovers: `${MUSTER} leftovers`,
} as const;

/** So that a name such as `null` stays a text. */
export const yamlText = (value: string): string => stringify(value).trim();

/** Lines in YAML: each below the one before. */
export const indented = (spaces: number, lines: readonly string[], mark = ""): string =>
  lines.map((line) => `${" ".repeat(spaces)}${mark}${line}`).join("\n");
