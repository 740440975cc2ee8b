import { parseDuration } from "../../agent/contract/duration.js";
import { NAME_PATTERN } from "../../agent/contract/names.js";
import { isDuration } from "../core/duration-check.js";
import { integer, map, nullable, object, optional, required, set, string } from "../core/schema.js";
import type { Check, Schema } from "../core/types.js";
import { between, matches, NAME_MEANING } from "./checks.js";
import { tagLimits } from "./tags.js";

const MINUTE_MS = 60_000;
/** AWS STS's limits for an assumed role. */
const isSessionDuration: Check<string> = (text) => {
  const milliseconds = parseDuration(text);
  if (milliseconds === null) return isDuration(text);
  const isPossible = milliseconds >= 15 * MINUTE_MS && milliseconds <= 12 * 60 * MINUTE_MS;
  return isPossible ? null : 'must be from "15m" to "12h"';
};

const isEndpoint: Check<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === "";
  return isPlain
    ? null
    : "must be an http or https URL without user and query, like https://dynamodb.example.com";
};
const endpoint = (service: string, variable: string) =>
  optional(string, {
    description: `The URL of ${service}. Default: AWS_ENDPOINT_URL_${variable}, else AWS_ENDPOINT_URL, else AWS's own.`,
    checks: [isEndpoint],
  });

/** Elements may still be unknown. */
const areAccounts: Check<readonly string[]> = (ids) => {
  const wrong = ids.filter((id) => typeof id === "string" && !/^\d{12}$/.test(id));
  return wrong.length === 0 ? null : `must hold account ids of 12 digits (not so: ${wrong.join(", ")})`;
};

/** The provider's own configuration. */
export const providerSchema = {
  version: 0,
  description: "Muster: MPI clusters for Python in your own AWS account.",
  attributes: {
    org: required(string, {
      description: "The org whose registry has the resources.",
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    region: optional(string, {
      description: "The AWS region. Default: AWS_REGION, else AWS_DEFAULT_REGION.",
      checks: [matches(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region, like us-east-1")],
    }),
    sts_region: optional(string, {
      description:
        "The region whose STS gives the sessions of assume_role. Default: region. Set it where the credentials' own account does not have that region enabled.",
      checks: [matches(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region, like us-east-1")],
    }),
    profile: optional(string, {
      description:
        "The profile of the shared AWS configuration whose credentials are used. Default: AWS_PROFILE, else the credentials that the AWS SDKs find (environment, SSO, web identity, instance role). AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE set the path of that configuration. There is no argument for keys, because a configuration must not contain secrets.",
      checks: [matches(/\S/, "a profile's name")],
    }),
    max_retries: optional(integer, {
      description:
        "How often to retry a call to AWS after throttling, a server error or a network error, with growing random pauses. Default: AWS_MAX_ATTEMPTS minus one, else 9. AWS_RETRY_MODE chooses between standard and adaptive.",
      checks: [between(0, 100)],
    }),
    allowed_account_ids: optional(set(string), {
      description:
        "The allowed AWS accounts: with credentials of any other account, every plan and apply fails. If this or forbidden_account_ids is set, the provider asks AWS for the account once (sts:GetCallerIdentity).",
      checks: [areAccounts],
    }),
    forbidden_account_ids: optional(set(string), {
      description: "The forbidden AWS accounts: with credentials of one of them, every plan and apply fails.",
      checks: [areAccounts],
    }),
  },
  blocks: {
    endpoints: object({
      autoscaling: endpoint("Auto Scaling", "AUTO_SCALING"),
      dynamodb: endpoint("DynamoDB", "DYNAMODB"),
      ec2: endpoint("EC2", "EC2"),
      iam: endpoint("IAM", "IAM"),
      kms: endpoint("KMS", "KMS"),
      pricing: endpoint("the price list", "PRICING"),
      s3: endpoint("S3", "S3"),
      servicequotas: endpoint("Service Quotas", "SERVICE_QUOTAS"),
      ssm: endpoint("Systems Manager", "SSM"),
      sts: endpoint("STS", "STS"),
    }),
    default_tags: object({
      tags: optional(map(nullable(string)), {
        description:
          "Tags for everything that this provider makes and that has tags. A resource's own tags override them. A change of them shows in the plan of each such resource, in its tags_all. A tag whose value is null is left out. The credentials need ssm:AddTagsToResource and ssm:RemoveTagsFromResource on the clusters' parameters, in addition to ssm:PutParameter.",
        checks: [tagLimits],
      }),
    }),
    assume_role: object({
      role_arn: required(string, {
        description: "The ARN of the role to assume.",
        checks: [matches(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, "a role's ARN")],
      }),
      external_id: optional(string, {
        description: "The external id that the role's trust policy requires.",
        checks: [matches(/^[\w+=,.@:/-]{2,1224}$/, "2-1224 letters, digits and _+=,.@:/-")],
      }),
      session_name: optional(string, {
        description: "The session's name in AWS's logs. Default: terraform-provider-muster.",
        checks: [matches(/^[\w+=,.@-]{2,64}$/, "2-64 letters, digits and _+=,.@-")],
      }),
      duration: optional(string, {
        description:
          'How long the assumed credentials are valid before they are renewed, "15m" to "12h". Default: one hour, as AWS sets it.',
        checks: [isSessionDuration],
      }),
    }),
  },
} as const satisfies Schema;
