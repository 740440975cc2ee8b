import type { STSClientConfig } from "@aws-sdk/client-sts";
import type { AccountRules } from "../client/connection.js";
import { type DiagnosticError, failure } from "../core/diagnostic.js";
import { naming } from "./endpoint.js";
import { callAws } from "./errors.js";
import type { AwsScope } from "./scope.js";

/** Throws DiagnosticError where the credentials belong to an account that the rules keep out. Without rules asks nothing. */
export async function refuseWrongAccount(
  settings: STSClientConfig,
  rules: AccountRules,
  scope: AwsScope,
): Promise<void> {
  if (rules.allowed === null && rules.forbidden === null) return;
  const sdk = await import("./sdk/credentials.js");
  const sts = naming(new sdk.STSClient(settings));
  const { Account = "" } = await callAws({ ...scope, doing: "find the account of the credentials" }, () =>
    sts.send(new sdk.GetCallerIdentityCommand({}), { abortSignal: scope.signal }),
  );
  const refusal = accountRefusal(Account, rules);
  if (refusal !== null) throw refusal;
}

const PATIENCE_MS = 5_000;

/** The ARN of the credentials, or null where STS does not say it in time: no job fails because its submitter is not known. */
export async function findCaller(settings: STSClientConfig, signal: AbortSignal): Promise<string | null> {
  const sdk = await import("./sdk/credentials.js");
  const sts = naming(new sdk.STSClient(settings));
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    return (await sts.send(new sdk.GetCallerIdentityCommand({}), { abortSignal })).Arn ?? null;
  } catch {
    return null;
  }
}

/** Why the account may not be worked on, or null. An empty list of allowed ones allows none. */
export function accountRefusal(
  account: string,
  { allowed, forbidden }: AccountRules,
): DiagnosticError | null {
  const next = "Check the credentials (AWS_PROFILE, assume_role, ...); nothing has been done.";
  if (forbidden?.includes(account)) {
    const detail = `The credentials are of account ${account}, which is in forbidden_account_ids. ${next}`;
    return failure("account-forbidden", "Forbidden AWS account", detail, ["forbidden_account_ids"]);
  }
  if (allowed === null || allowed.includes(account)) return null;
  const detail = `The credentials are of account ${account}; allowed_account_ids has ${allowed.join(", ") || "none"}. ${next}`;
  return failure("account-not-allowed", "AWS account is not allowed", detail, ["allowed_account_ids"]);
}
