import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** Why an account, or the role that leads to it, can't be worked with. docs/reference/account-problems.md is made of it. */
export const ACCOUNT_PROBLEMS = {
  "keys-not-valid": {
    meaning: "AWS does not know the access keys, or they have expired, or the secret is not the key's.",
    retry: "never",
    next: "Check both keys, or make new ones in the account (IAM, the user's security credentials).",
  },
  "right-missing": {
    meaning:
      "A policy of the credentials, or their permissions boundary, does not allow the calls that are named.",
    retry: "never",
    next: "Let an administrator of the account add the actions, or use keys that have them.",
  },
  "denied-by-organization": {
    meaning: "A service control policy, or a resource control policy, of the organisation denies the call.",
    retry: "never",
    next: "Ask who administers the AWS organisation; no policy in the account itself can allow it.",
  },
  "account-suspended": {
    meaning: "AWS has suspended or blocked the account, or has not verified it yet.",
    retry: "later",
    next: "Look at the account's billing page and mail, and ask AWS Support; try again when the account is active.",
  },
  "principal-unknown": {
    meaning: "The role or user that is to be trusted does not exist.",
    retry: "never",
    next: "Check --principal: the ARN of a role or user that exists, or an account's id.",
  },
  "limit-reached": {
    meaning: "The account has as many roles, policies or attachments as its quota allows.",
    retry: "never",
    next: "Remove what is not used in IAM, or ask for a higher quota (Service Quotas, IAM).",
  },
  "trust-not-right": {
    meaning: "The role exists, and its trust policy is not the one that it should have.",
    retry: "never",
    next: "Set the trust policy that `muster account trust` prints, or give another --role-name.",
  },
  "policy-not-right": {
    meaning: "A policy of the role's name exists, and it is not what it should be.",
    retry: "never",
    next: "Set the policy that `muster account policy` prints as its default version, or give another --role-name.",
  },
  "open-without-external-id": {
    meaning: "The role can be assumed without the external id: a third party could be led into the account.",
    retry: "never",
    next: "Set the trust policy that `muster account trust` prints; do not use the role before.",
  },
  "role-not-assumable": {
    meaning: "The credentials may not assume the role with the external id.",
    retry: "later",
    next: "Compare the role's trust policy with `muster account trust`, and let the credentials' own policy allow sts:AssumeRole on the role. A role that was made a moment ago may need a minute.",
  },
  "other-account": {
    meaning: "The credentials lead to another account than muster.yaml names.",
    retry: "never",
    next: "Check account.id and account.roleArn, and which credentials are used (AWS_PROFILE).",
  },
  "region-not-enabled": {
    meaning: "The region is not enabled in the account.",
    retry: "never",
    next: "Enable it in the account's settings (AWS Regions), or choose another org.region.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
export type AccountProblemCode = keyof typeof ACCOUNT_PROBLEMS;

/** The parts of an SDK's error that say why a call was refused. */
interface RefusedCall {
  readonly name: string;
  readonly message: string;
}

const INVALID =
  /ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken/;
/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const SUSPENDED =
  /^(?:Blocked|PendingVerification|OptInRequired|AccountProblem|NotSignedUp|AccountSuspended)$/;
/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized/;
const BY_ORGANIZATION = /(?:service|resource) control polic/i;

/** Why AWS refused, by its error; null: for none of these causes. The action is null where AWS does not name it. Pure. */
export function causeOfRefusal({
  name,
  message,
}: RefusedCall): { readonly code: AccountProblemCode; readonly action: string | null } | null {
  const action = /(?:perform:?|allows the) ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(message)?.[1] ?? null;
  // "is suspended" comes with several names, that of a denial among them.
  if (SUSPENDED.test(name) || /account .{0,80}(?:suspended|blocked|closed)/i.test(message))
    return { code: "account-suspended", action: null };
  if (INVALID.test(name)) return { code: "keys-not-valid", action: null };
  if (DENIED.test(name))
    return { code: BY_ORGANIZATION.test(message) ? "denied-by-organization" : "right-missing", action };
  if (/MalformedPolicyDocument/.test(name) && /principal/i.test(message))
    return { code: "principal-unknown", action: null };
  if (/LimitExceeded/.test(name) && !/RequestLimit/.test(name))
    return { code: "limit-reached", action: null };
  return null;
}
