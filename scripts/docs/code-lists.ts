import type { CodeEntry, ReasonEntry } from "../../agent/contract/reasons/reason.js";
import { REASONS } from "../../agent/contract/reasons.js";
import { ERRORS } from "../../agent/errors.js";
import { AWS_CODES } from "../../provider/core/codes/aws.js";
import { CLUSTER_CODES } from "../../provider/core/codes/cluster.js";
import { FLEET_CODES } from "../../provider/core/codes/fleet.js";
import { IMAGE_CODES } from "../../provider/core/codes/image.js";
import { JOB_CODES } from "../../provider/core/codes/job.js";
import { NOTEBOOK_CODES } from "../../provider/core/codes/notebook.js";
import { PROTOCOL_CODES } from "../../provider/core/codes/protocol.js";
import { ACCOUNT_PROBLEMS } from "../cli/core/account-problems.js";
import { EXITS } from "../cli/core/exit.js";
import type { CodeList, ListedCode } from "./code-pages.js";

const SUBJECTS = {
  cluster: "Clusters",
  node: "Nodes",
  job: "Jobs",
  attempt: "Attempts: one execution of a job",
  schedule: "Schedules: why a slot has no job",
  notebook: "Notebooks",
  image: "Images",
} as const;

const reasons: CodeList = {
  name: "reason-codes",
  title: "Reason codes",
  introduction: [
    "A cluster, a node, a job or a job's log that is not as it was asked for has a reason in words and the reason's code. Programs decide by the code; the words may change.",
    "Where they stand: `reasonCode` beside `reason` in the agent's HTTP replies and in `muster job show|list --json` and `muster cluster show --json` (`logReasonCode` beside `logReason`, `filesReasonCode` beside `filesReason`, `reasonCode` of each node); `reason_code` beside `reason` in Terraform (`job_reason_code` beside `job_reason` in `muster_job_definition`); the last line of the provider's diagnostics. The code is null exactly where there is no reason.",
    "A job's retry policy (`retries.on`) names causes, or these codes themselves. Of an attempt's reason the column `retries.on` says which cause includes it. The other reasons are never tried again.",
  ],
  codes: Object.entries<ReasonEntry>(REASONS).map(([code, { about, cause, ...entry }]) => ({
    ...{ code, group: SUBJECTS[about] },
    ...entry,
    ...(about === "attempt" ? { more: { "`retries.on`": retriedFor(code, cause) } } : {}),
  })),
};

/** What a job's retry policy names to include the reason of an attempt. */
function retriedFor(code: string, cause: ReasonEntry["cause"] = "failure"): string {
  return cause === "named" ? `only \`${code}\`` : `\`${cause}\``;
}

const errors: CodeList = {
  name: "agent-errors",
  title: "The agent's errors",
  introduction: [
    "The agent's HTTP API answers with an error as `{error: {code, message, hint}}`. An agent that can't start ends with a line of its journal that has the code; `muster_fleet` reads that line on the node's console.",
    "`{subject}` in a meaning stands for what the error is about.",
  ],
  codes: Object.entries(ERRORS).map(([code, { message, hint, retry, status }]) => ({
    ...{ code, group: groupOf(status), retry, meaning: message, next: hint },
    more: { Status: String(status) },
  })),
};

function groupOf(status: number): string {
  if (status === 500) return "Of the start, or internal";
  return status === 503 ? "Of the service" : "Of the request";
}

const diagnosed = (group: string, codes: Readonly<Record<string, CodeEntry>>): ListedCode[] =>
  Object.entries(codes).map(([code, entry]) => ({ code, group, ...entry }));

const diagnostics: CodeList = {
  name: "provider-diagnostics",
  title: "The provider's diagnostics",
  introduction: [
    "Each error and each warning of the provider ends with a line `Code: ...`. Where it passes on a reason of a cluster, a job or an image, that line has the [reason code](reason-codes.md) too: `Code: job-failed, reason: node-lost`.",
  ],
  codes: [
    ...diagnosed("Terraform and values", PROTOCOL_CODES),
    ...diagnosed("AWS", AWS_CODES),
    ...diagnosed("Org and clusters", CLUSTER_CODES),
    ...diagnosed("Fleets", FLEET_CODES),
    ...diagnosed("Job definitions and jobs", JOB_CODES),
    ...diagnosed("Notebooks", NOTEBOOK_CODES),
    ...diagnosed("Images", IMAGE_CODES),
  ],
};

const exits: CodeList = {
  name: "exit-statuses",
  title: "The command's exit statuses",
  introduction: [
    "`muster` ends with status 0 where the command did what it was asked, else with one of these. `muster job run` and `muster job submit --wait` end with the job's own exit code where that is 1 to 125.",
  ],
  codes: Object.values(EXITS).map(({ status, ...entry }) => ({
    ...{ code: String(status), group: "Statuses" },
    ...entry,
  })),
};

const accountProblems: CodeList = {
  name: "account-problems",
  title: "Problems of an account",
  introduction: [
    "`muster account check` and `muster account connect` say with these codes why an account, or the role that leads to it, can't be worked with (`code` with `--json`).",
  ],
  codes: diagnosed("Problems", ACCOUNT_PROBLEMS),
};

/** Every list of codes that has a page. */
export const CODE_LISTS: readonly CodeList[] = [reasons, errors, diagnostics, exits, accountProblems];
