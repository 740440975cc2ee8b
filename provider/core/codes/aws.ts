import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

const MAY_PASS = "Apply again. max_retries of the provider raises the number of attempts.";

/** How AWS is reached, and what it answers. */
export const AWS_CODES = {
  "provider-configuration-unknown": {
    meaning: "A part of the provider's configuration depends on what is not made yet.",
    retry: "never",
    next: "Make that first (terraform apply -target=ADDRESS), or give literal values or variables.",
  },
  "region-missing": {
    meaning: "Nothing says which AWS region to use.",
    retry: "never",
    next: "Give region in the provider's configuration, or set AWS_REGION.",
  },
  "account-forbidden": {
    meaning: "The credentials are of an account in forbidden_account_ids.",
    retry: "never",
    next: "Give credentials of another account (AWS_PROFILE, assume_role).",
  },
  "account-not-allowed": {
    meaning: "The credentials are of an account that is not in allowed_account_ids.",
    retry: "never",
    next: "Give credentials of an account that is (AWS_PROFILE, assume_role).",
  },
  "credentials-missing": {
    meaning: "No AWS credentials were found.",
    retry: "never",
    next: "Give AWS credentials: environment variables, a profile (AWS_PROFILE), SSO or a role; `aws sts get-caller-identity` must work.",
  },
  "credentials-refused": {
    meaning: "AWS does not know the credentials, or they have expired.",
    retry: "never",
    next: "Renew or correct the credentials: `aws sts get-caller-identity` must work.",
  },
  "permission-missing": {
    meaning: "The credentials lack a permission.",
    retry: "never",
    next: "Let their role or user do what the summary names, and apply again.",
  },
  "aws-not-found": {
    meaning: "A table, or another resource of the org, does not exist.",
    retry: "never",
    next: "Deploy the org's stack first, and check that org and region are the ones it was deployed with.",
  },
  "aws-unreachable": {
    meaning: "The AWS service, or what stands in its place, could not be reached.",
    retry: "later",
    next: "Check the network, the endpoints of the provider, AWS_ENDPOINT_URL, the region and proxies, and apply again.",
  },
  "aws-unavailable": {
    meaning: "AWS throttled the call, or failed by itself.",
    retry: "later",
    next: MAY_PASS,
  },
  "aws-refused": {
    meaning: "AWS refused the call.",
    retry: "never",
    next: "Correct the cause that the detail names, and apply again: nothing that exists is lost.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
