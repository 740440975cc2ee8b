import { DiagnosticError, errorDiagnostic, failure, type PathStep } from "./core/diagnostic.js";
import { parseDuration } from "./core/duration.js";
import type { Config, State } from "./core/types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "./core/value.js";
import type { providerSchema } from "./schema.js";

/** How to reach AWS, from the provider's configuration. What it leaves out, the SDK takes from the environment. */
export interface Connection {
  readonly org: string;
  readonly region: string;
  readonly profile: string | null;
  /** Each call's; undefined: as AWS_MAX_ATTEMPTS says. */
  readonly maxAttempts: number | undefined;
  readonly assumeRole: AssumeRole | null;
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

/** The connection that a configuration asks for. Throws DiagnosticError where a value is unknown or no region is given. */
export function connectionFrom(
  config: Config<typeof providerSchema>,
  env: Readonly<Record<string, string | undefined>>,
): Connection {
  const unknown = unknownPaths(config as Value, []);
  if (unknown.length > 0) {
    const detail =
      "It must be known when Terraform plans: give literal values or variables, not other resources' attributes.";
    throw new DiagnosticError(
      unknown.map((path) => errorDiagnostic("The provider's configuration is not known yet", detail, path)),
    );
  }
  const { org, region, profile, max_retries, assume_role } = config as State<typeof providerSchema>;
  const chosen = region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (chosen === undefined || chosen === "") {
    throw failure(
      "No AWS region",
      'Give region in provider "muster", or set AWS_REGION (or AWS_DEFAULT_REGION) in the environment.',
      ["region"],
    );
  }
  return {
    org,
    region: chosen,
    profile,
    maxAttempts: maxAttempts(max_retries, env["AWS_MAX_ATTEMPTS"]),
    assumeRole: assume_role === null ? null : assumeRoleFrom(assume_role),
  };
}

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

function unknownPaths(value: Value, path: readonly PathStep[]): readonly (readonly PathStep[])[] {
  if (value === UNKNOWN) return [path];
  if (!isObjectValue(value)) return [];
  return Object.entries(value as ObjectValue).flatMap(([name, inner]) =>
    unknownPaths(inner, [...path, name]),
  );
}
