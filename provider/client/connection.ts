import { parseDuration } from "../../agent/contract/duration.js";
import { DiagnosticError, errorDiagnostic, failure } from "../core/diagnostic.js";
import type { Config, State } from "../core/types.js";
import { isObjectValue, isWhollyKnown, type ObjectValue, type Value } from "../core/value.js";
import type { providerSchema } from "./schema.js";

/** How to reach AWS, from the provider's configuration. What it leaves out, the SDK takes from the environment. */
export interface Connection {
  readonly org: string;
  readonly region: string;
  readonly profile: string | null;
  /** The profile that credentials are looked for in, and who says so, for a person; null: none in particular. */
  readonly profileInWords: string | null;
  /** Each call's; undefined: as AWS_MAX_ATTEMPTS says. */
  readonly maxAttempts: number | undefined;
  readonly assumeRole: AssumeRole | null;
  /** Where services are reached instead of where the environment or AWS says. */
  readonly endpoints: Readonly<Partial<Record<AwsService, string>>>;
  readonly accounts: AccountRules;
  /** The environment holds keys, which come first in the SDK's chain: no credentials have to be looked for. */
  readonly credentialsAreSet: boolean;
}

/** The AWS services that the provider calls, by the names that the AWS provider has for them. */
export type AwsService = "autoscaling" | "dynamodb" | "ec2" | "ssm" | "sts";

/** Which AWS accounts may be worked on. Null: no rule. */
export interface AccountRules {
  readonly allowed: readonly string[] | null;
  readonly forbidden: readonly string[] | null;
}

/** The role whose rights the provider works with. */
export interface AssumeRole {
  readonly roleArn: string;
  readonly externalId: string | null;
  readonly sessionName: string;
  /** Null: as long as AWS does it by default. */
  readonly durationSeconds: number | null;
}

/** Many resources at once run into AWS's rate limits, which the SDK's own three attempts don't outlast. */
const DEFAULT_ATTEMPTS = 10;
const DEFAULT_SESSION_NAME = "terraform-provider-muster";

type Environment = Readonly<Record<string, string | undefined>>;

/** The connection that a configuration without unknown parts asks for; its default_tags don't count. Throws DiagnosticError where no region is given. */
export function connectionFrom(config: State<typeof providerSchema>, env: Environment): Connection {
  const { org, region, profile, max_retries, assume_role } = config;
  // What is set to nothing is not set, as for AWS's own tools.
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

/** What is told to whoever needs AWS while parts that AWS is reached by are unknown: which ones. Null: all are known. */
export function unknownConfiguration({
  default_tags: _notNeeded,
  ...needed
}: Config<typeof providerSchema>): DiagnosticError | null {
  const unknown = unknownPaths(needed as Value, "");
  if (unknown.length === 0) return null;
  // In the words, and not as a path: it would be looked for in the resource that needed AWS.
  const detail = `${unknown.join(", ")} of provider "muster" depends on what is not made yet, but what exists is looked at while Terraform plans. Make that first (terraform apply -target=...), or give literal values or variables.`;
  const summary = "The provider's configuration is not known yet";
  return new DiagnosticError([errorDiagnostic("provider-configuration-unknown", summary, detail)], {
    isCommon: true,
  });
}

function unknownPaths(value: Value, path: string): readonly string[] {
  // Lists and sets are named as a whole, for an element that is unknown too.
  if (!isObjectValue(value)) return isWhollyKnown(value) ? [] : [path];
  return Object.entries(value as ObjectValue).flatMap(([name, inner]) =>
    unknownPaths(inner, path === "" ? name : `${path}.${name}`),
  );
}
