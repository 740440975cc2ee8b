import {
  PACKAGE_PATTERN,
  STEP_LIMITS,
  STEP_NAME_PATTERN,
} from "../../../agent/contract/image/extra-steps.js";
import { FAMILY_PATTERN } from "../../../agent/contract/image/names.js";
import { KEPT_VERSIONS } from "../../../agent/contract/image/retention.js";
import { SHARE_STATUSES } from "../../../agent/contract/image/share.js";
import { VERSION_PATTERN } from "../../../agent/contract/image/version.js";
import { BUILDER_CHECKS } from "../../../agent/contract/preflight/ask.js";
import { between, matches, NAME_MEANING } from "../../client/checks.js";
import { isDuration } from "../../core/duration-check.js";
import {
  bool,
  computed,
  integer,
  list,
  map,
  object,
  optional,
  required,
  set,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Check, Schema } from "../../core/types.js";

export const DEFAULT_TIMEOUTS = { create: "90m", update: "60m", delete: "10m" } as const;

const timeout = (what: string, otherwise: string) =>
  optional(string, {
    description: `How long ${what} may take, like "20m". Default ${otherwise}.`,
    checks: [isDuration],
  });

/** Elements may still be unknown. */
const each =
  (pattern: string | RegExp, meaning: string, most = 1_000): Check<readonly string[]> =>
  (values) => {
    if (values.length > most) return `must have at most ${most} elements`;
    const wrong = values.filter((value) => typeof value === "string" && !new RegExp(pattern).test(value));
    return wrong.length === 0 ? null : `must hold ${meaning} (not so: ${wrong.join(", ")})`;
  };
/** As many as fit into one tag. */
const MAX_REGIONS = 14;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const KEY =
  /^(?:arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/[A-Za-z0-9/_-]+|[0-9a-f-]{36}|mrk-[0-9a-f]{32}|alias\/[A-Za-z0-9/_-]+)$/;

/** `muster_image`: a version of an image, baked on a builder, copied to regions and shared with accounts. */
export const imageSchema = {
  version: 0,
  description:
    "A version of an image for nodes. Its apply starts a builder from a plain Debian 13, runs the recipe of this Muster and your own steps on it, checks and cleans it, makes an AMI, copies that to the regions and shares it with the accounts. A bake that fails is an error with the step's last lines, and leaves nothing. Use create_before_destroy: a replaced version stays as long as it is in use, a release, or one of the newest.",
  attributes: {
    family: required(string, {
      description:
        "What the image is for, like mpi: clusters boot the newest AMI of their family. A change replaces the image.",
      replaces: true,
      checks: [matches(FAMILY_PATTERN, NAME_MEANING)],
    }),
    version: required(string, {
      description: "One to four numbers with dots, like 1.4.0 or 2026.11.27. A change bakes anew.",
      replaces: true,
      checks: [matches(VERSION_PATTERN, "one to four numbers without leading zeros, with dots, like 1.4.0")],
    }),
    base_ami: optional(string, {
      description:
        "The AMI to begin with: a Debian 13 for x86_64. Default: the newest official one, when it is baked. A change bakes anew.",
      checks: [matches(/^ami-[0-9a-f]{8,17}$/, "an AMI's id, like ami-0123456789abcdef0")],
    }),
    packages: optional(list(string), {
      description:
        "Debian packages that the image has besides the recipe's, like gdb or libhdf5-dev=1.14.5+repack-4. A change bakes anew.",
      checks: [each(PACKAGE_PATTERN, "names of Debian packages, like gdb", STEP_LIMITS.packages)],
    }),
    steps: optional(
      list(
        object({
          name: required(string, {
            description: "What the step is called in reports.",
            checks: [matches(STEP_NAME_PATTERN, "1-40 lower-case letters, digits and hyphens")],
          }),
          script: required(string, {
            description:
              "Shell, run by root with sh -eu on the builder. It stays in the org's bucket and in the state: no secrets.",
            checks: [
              (text) =>
                text.length > 0 && text.length <= STEP_LIMITS.scriptCharacters
                  ? null
                  : `must have 1 to ${STEP_LIMITS.scriptCharacters} characters`,
            ],
          }),
        }),
      ),
      {
        description:
          "What else is done, after the recipe and before its checks, in this order. A change bakes anew.",
        checks: [
          (steps) =>
            steps.length <= STEP_LIMITS.steps ? null : `must have at most ${STEP_LIMITS.steps} elements`,
        ],
      },
    ),
    encrypted: withDefault(bool, false, {
      description: "Whether the AMI's disks are encrypted, in all regions. A change bakes anew.",
    }),
    kms_key_ids: optional(map(string), {
      description:
        "By region, the KMS key of the AMI's disks where it is encrypted. Default: the account's key for EBS, with which it can't be shared.",
      checks: [
        (keys) => each(KEY, "ids, aliases or ARNs of KMS keys")(Object.values(keys)),
        (keys) => each(REGION, "regions, like us-east-1, as keys")(Object.keys(keys)),
      ],
    }),
    regions: optional(set(string), {
      description: "Further regions that get a copy. Changed in place.",
      checks: [each(REGION, "AWS regions, like us-east-1", MAX_REGIONS)],
    }),
    accounts: optional(set(string), {
      description: "Accounts that may use the image in each of its regions. Changed in place.",
      checks: [each(/^\d{12}$/, "account ids of 12 digits", 200)],
    }),
    keep: withDefault(integer, KEPT_VERSIONS, {
      description:
        "How many of the family's newest versions stay, this one included. Older ones that have been replaced are deregistered with their snapshots, unless they are releases or in use.",
      checks: [between(1, 100)],
    }),
    release: withDefault(bool, false, {
      description: "Whether the version stays when newer ones replace it, however many. Changed in place.",
    }),
    bucket: required(string, {
      description: "The org's log bucket, in which the builder finds the recipe and puts its report.",
      checks: [matches(/^[a-z0-9][a-z0-9.-]{2,62}$/, "the name of a bucket")],
    }),
    subnet_id: required(string, {
      description:
        "The subnet of the builder. It needs a way to Debian's packages, to the Python index, and to S3.",
      checks: [matches(/^subnet-[0-9a-f]{8,17}$/, "a subnet's id")],
    }),
    security_group_ids: required(set(string), {
      description: "The security groups of the builder. It needs no way in.",
      checks: [each(/^sg-[0-9a-f]{8,17}$/, "ids of security groups", 5)],
    }),
    instance_profile: required(string, {
      description:
        "The builder's instance profile: it may read images/recipes/ and images/builds/ of the bucket, and write images/builds/.",
      checks: [matches(/^[\w+=,.@-]{1,128}$/, "the name of an instance profile")],
    }),
    instance_type: withDefault(string, "m6i.large", {
      description: "The builder's instance type, for x86_64.",
      checks: [matches(/^[a-z0-9-]+\.[a-z0-9-]+$/, "an instance type, like m6i.large")],
    }),
    skip_checks: optional(set(string), {
      description: `What is not checked of the account before the builder starts, of ${BUILDER_CHECKS.join(", ")}.`,
      checks: [each(`^(?:${BUILDER_CHECKS.join("|")})$`, BUILDER_CHECKS.join(", "))],
    }),
    recipe_file: optional(string, {
      description:
        "The path of the recipe's archive. Default: image-recipe.tar, which comes with the provider. Another archive alone bakes nothing anew: change version.",
      checks: [matches(/^[^\0]{1,4096}$/, "a path")],
    }),
    id: computed(string, {
      description: "The image's id: family, version, and 8 hex digits of the bake.",
      changesWith: [],
    }),
    content: computed(string, {
      description: "SHA-256 of base_ami, packages, steps and encrypted, as configured. A change bakes anew.",
      replaces: true,
      changesWith: ["base_ami", "packages", "steps", "encrypted"],
    }),
    image_id: computed(string, { description: "The AMI in the provider's region.", changesWith: [] }),
    base_image_id: computed(string, { description: "The AMI that it was baked from.", changesWith: [] }),
    recipe_sha256: computed(string, { description: "SHA-256 of the recipe's archive.", changesWith: [] }),
    images: computed(map(string), {
      description: "The AMIs by region, the provider's included.",
      changesWith: ["regions"],
    }),
    shares: computed(
      list(
        object({
          region: required(string, { description: "The region." }),
          account: required(string, { description: "The account." }),
          status: required(string, { description: `One of ${SHARE_STATUSES.join(", ")}.` }),
          reason: optional(string, { description: "Why it FAILED." }),
        }),
      ),
      {
        description:
          "Whether each account can use the image in each region, when last refreshed; by region and account.",
        changesWith: ["regions", "accounts"],
      },
    ),
  },
  blocks: {
    timeouts: object({
      create: timeout("baking, copying and sharing", DEFAULT_TIMEOUTS.create),
      update: timeout("copying and sharing", DEFAULT_TIMEOUTS.update),
      delete: timeout("deregistering", DEFAULT_TIMEOUTS.delete),
    }),
  },
} as const satisfies Schema;
