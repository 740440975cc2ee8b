import { type Static, Type } from "@sinclair/typebox";
import { PACKAGE_PATTERN, STEP_LIMITS, STEP_NAME_PATTERN } from "../../agent/contract/image/extra-steps.js";
import { KEPT_VERSIONS } from "../../agent/contract/image/retention.js";
import { VERSION_PATTERN } from "../../agent/contract/image/version.js";
import { closed, Name, Region, WaitMinutes } from "./fields.js";
import { INSTANCE_TYPE_PATTERN } from "./fleet-options.js";

/** A tag that names an image's regions holds so many. */
const MAX_REGIONS = 14;

const Step = Type.Object(
  {
    name: Type.String({
      pattern: STEP_NAME_PATTERN,
      description: "what the step is called in reports: 1-40 lower-case letters, digits and hyphens",
      examples: ["site-settings"],
    }),
    script: Type.String({
      minLength: 1,
      maxLength: STEP_LIMITS.scriptCharacters,
      description:
        "shell, run by root with sh -eu on the builder; no secrets: it is kept in the bucket and in the state",
      examples: ["echo 'welcome' >/etc/motd"],
    }),
  },
  { description: "one more step of the recipe", ...closed },
);

const TimeoutMinutes = Type.Object(
  {
    create: WaitMinutes("waiting for the image to be baked, copied and shared", 90),
    update: WaitMinutes("waiting for copies to further regions", 60),
    delete: WaitMinutes("deregistering it", 10),
  },
  { default: {}, description: "how long deploy and destroy work on the image", ...closed },
);

/** An image's settings, with every default filled in. */
export const BakedImageSettings = Type.Object(
  {
    family: Name("the family, which clusters name as image.family", ["mpi"]),
    version: Type.String({
      pattern: VERSION_PATTERN,
      description:
        "one to four numbers with dots, in quotes where there is one dot at most; a change bakes anew",
      examples: ["1.4.0", "2026.11.27"],
    }),
    baseAmi: Type.Optional(
      Type.String({
        pattern: "^ami-[0-9a-f]{8,17}$",
        description: "the AMI to begin with, a Debian 13 for x86_64; default: the newest official one",
        examples: ["ami-0123456789abcdef0"],
      }),
    ),
    packages: Type.Array(
      Type.String({
        pattern: PACKAGE_PATTERN,
        description: "a Debian package, with =VERSION if needed",
        examples: ["gdb"],
      }),
      { default: [], maxItems: STEP_LIMITS.packages, description: "Debian packages besides the recipe's" },
    ),
    steps: Type.Array(Step, {
      default: [],
      maxItems: STEP_LIMITS.steps,
      description: "what else is done, after the recipe and before its checks, in this order",
    }),
    encrypted: Type.Boolean({
      default: false,
      description: "whether the AMI's disks are encrypted, in all regions",
    }),
    kmsKeys: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[a-z]{2}(?:-[a-z]+)+-[0-9]$" }),
        Type.String({
          pattern: "^[A-Za-z0-9:/_-]{8,2048}$",
          description: "the id or ARN of a KMS key in that region",
        }),
        {
          description:
            "by region, the key of the AMI's disks where encrypted; default: the account's key for EBS, with which it can't be shared",
          examples: [
            { "us-east-1": "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef" },
          ],
          ...closed,
        },
      ),
    ),
    regions: Type.Array(Region("a region that gets a copy, besides the org's"), {
      default: [],
      maxItems: MAX_REGIONS,
      uniqueItems: true,
      description: "further regions",
    }),
    accounts: Type.Array(
      Type.String({
        pattern: "^[0-9]{12}$",
        description: "an account's 12 digits, in quotes",
        examples: ["123456789012"],
      }),
      {
        default: [],
        maxItems: 200,
        uniqueItems: true,
        description: "accounts that may use the image in each of its regions",
      },
    ),
    keep: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: KEPT_VERSIONS,
      description:
        "how many of the family's newest versions stay; releases, and what is in use, stay besides",
    }),
    release: Type.Boolean({
      default: false,
      description: "whether the version stays when newer ones replace it, however many",
    }),
    instanceType: Type.String({
      pattern: INSTANCE_TYPE_PATTERN,
      default: "m6i.large",
      description: "the builder's EC2 instance type, for x86_64",
      examples: ["c6i.xlarge"],
    }),
    timeoutMinutes: TimeoutMinutes,
  },
  {
    description: "an image that Muster bakes: its stack starts a builder, and takes it down again",
    ...closed,
  },
);
export type BakedImageSettings = Static<typeof BakedImageSettings>;
