import { parseDuration } from "../../agent/contract/duration.js";
import { DiagnosticError, errorDiagnostic, failure } from "../core/diagnostic.js";
import type { Config, State } from "../core/types.js";
import { isObjectValue, isWhollyKnown, type ObjectValue, type Value } from "../core/value.js";
import type { providerSchema } from "./schema.js";

/** How to reach AWS, from the provider's configuration. The SDK takes the rest from the environment. */
export interface Connection {
  readonly org: string;
  readonly region: string;
  /** Where STS gives the role's sessions. */
  readonly stsRegion: string;
  readonly profile: string | null;
  /** The profile of the credentials and its source, in words; null: no particular one. */
  readonly profileInWords: string | null;
  /** For each call; undefined: AWS_MAX_ATTEMPTS applies. */
  readonly maxAttempts: number | undefined;
  readonly assumeRole: AssumeRole | null;
  /** The services' URLs, which override the environment's and AWS's. */
  readonly endpoints: Readonly<Partial<Record<AwsService, string>>>;
  readonly accounts: AccountRules;
  /** The environment has keys, which come first in the SDK's chain, so no other credentials need to be found. */
  readonly credentialsAreSet: boolean;
}

/** The AWS services that the provider calls, with the AWS provider's names. */
export type AwsService =
  | "autoscaling"
  | "dynamodb"
  | "ec2"
  | "iam"
  | "kms"
  | "pricing"
  | "s3"
  | "servicequotas"
  | "ssm"
  | "sts";

/** The allowed and forbidden AWS accounts. Null: no rule. */
export interface AccountRules {
  readonly allowed: readonly string[] | null;
  readonly forbidden: readonly string[] | null;
}

/** The role that the provider assumes. */
export interface AssumeRole {
  readonly roleArn: string;
  readonly externalId: string | null;
  readonly sessionName: string;
  /** Null: AWS's default. */
  readonly durationSeconds: number | null;
}

/** Many concurrent resources hit AWS's rate limits, for which the SDK's default of three attempts is too few. */
const DEFAULT_ATTEMPTS = 10;
const DEFAULT_SESSION_NAME = "terraform-provider-muster";

type Environment = Readonly<Record<string, string | undefined>>;

/** The connection of a configuration without unknown parts (except default_tags). Throws DiagnosticError if there is no region. */
export function connectionFrom(config: State<typeof providerSchema>, env: Environment): Connection {
  const { org, region, profile, max_retries, assume_role } = config;
  // An empty variable counts as unset, as in AWS's own tools.
  const chosen = region ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"]);
  if (!chosen) {
    throw failure(
      "region-missing",
      "No AWS region",
      'Give region in provider "muster", or set AWS_REGION (or AWS_DEFAULT_REGION) in the environment.',
      ["region"],
    );
  }
  return {
    org,
    region: chosen,
    stsRegion: config.sts_region ?? chosen,
    profile,
    profileInWords: profileInWords(profile, env["AWS_PROFILE"]),
    maxAttempts: maxAttempts(max_retries, env["AWS_MAX_ATTEMPTS"]),
    assumeRole: assume_role === null ? null : assumeRoleFrom(assume_role),
    endpoints: endpointsFrom(config.endpoints),
    accounts: { allowed: config.allowed_account_ids, forbidden: config.forbidden_account_ids },
    credentialsAreSet: profile === null && assume_role === null && hasKeys(env),
  };
}

function profileInWords(given: string | null, fromEnvironment: string | undefined): string | null {
  if (given !== null) return `"${given}"`;
  return fromEnvironment ? `"${fromEnvironment}" (AWS_PROFILE)` : null;
}

function endpointsFrom(given: State<typeof providerSchema>["endpoints"]): Connection["endpoints"] {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, url]) => url !== null));
}

const hasKeys = (env: Environment): boolean =>
  Boolean(env["AWS_ACCESS_KEY_ID"] && env["AWS_SECRET_ACCESS_KEY"] && !env["AWS_PROFILE"]);

function maxAttempts(maxRetries: number | null, fromEnvironment: string | undefined): number | undefined {
  if (maxRetries !== null) return maxRetries + 1;
  return fromEnvironment ? undefined : DEFAULT_ATTEMPTS;
}

const assumeRoleFrom = (given: NonNullable<State<typeof providerSchema>["assume_role"]>): AssumeRole => ({
  roleArn: given.role_arn,
  externalId: given.external_id,
  sessionName: given.session_name ?? DEFAULT_SESSION_NAME,
  durationSeconds: given.duration === null ? null : Math.round((parseDuration(given.duration) ?? 0) / 1000),
});

/** The error of a call to AWS while parts of the connection are unknown: it names them. Null: all are known. */
export function unknownConfiguration({
  default_tags: _notNeeded,
  ...needed
}: Config<typeof providerSchema>): DiagnosticError | null {
  const unknown = unknownPaths(needed as Value, "");
  if (unknown.length === 0) return null;
  // In the text, not as a path: Terraform would look for the path in the resource that needs AWS.
  const detail = `${unknown.join(", ")} of provider "muster" depends on what is not made yet, but what exists is looked at while Terraform plans. Make that first (terraform apply -target=...), or give literal values or variables.`;
  const summary = "The provider's configuration is not known yet";
  return new DiagnosticError([errorDiagnostic("provider-configuration-unknown", summary, detail)], {
    isCommon: true,
  });
}

function unknownPaths(value: Value, path: string): readonly string[] {
  // Lists and sets are named as a whole, even if only an element is unknown.
  if (!isObjectValue(value)) return isWhollyKnown(value) ? [] : [path];
  return Object.entries(value as ObjectValue).flatMap(([name, inner]) =>
    unknownPaths(inner, path === "" ? name : `${path}.${name}`),
  );
}
