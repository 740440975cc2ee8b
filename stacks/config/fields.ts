import { Type } from "@sinclair/typebox";
import { NAME_PATTERN } from "../../agent/contract/names.js";

/** No keys but those that are named: a misspelt key is refused. */
export const closed = { additionalProperties: false } as const;

/** A name that the user chooses. */
export const Name = (what: string, examples: string[]) =>
  Type.String({
    pattern: NAME_PATTERN,
    description: `${what}: 2-32 characters, lower-case letters, digits and hyphens, a letter first, no hyphen last`,
    examples,
  });

/** Tags for AWS resources. */
export const TagSettings = Type.Record(
  Type.String({ pattern: "^(?!(?:aws|muster|Name$))[A-Za-z0-9 _.:/=+@-]{1,128}$" }),
  Type.String({
    pattern: "^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$",
    description: "a tag value: at most 256 characters",
  }),
  {
    maxProperties: 30,
    default: {},
    description:
      "at most 30 tags for all resources, in addition to Muster's own; a key can't be Name or start with aws or muster",
    examples: [{ "cost-center": "research" }],
    ...closed,
  },
);

/** An AWS region. */
export const Region = (description: string) =>
  Type.String({
    pattern: "^[a-z]{2}(?:-[a-z]+)+-[0-9]$",
    description,
    examples: ["us-east-1", "eu-central-1"],
  });

/** How long Terraform waits. */
export const WaitMinutes = (what: string, byDefault: number) =>
  Type.Integer({
    minimum: 1,
    maximum: 720,
    default: byDefault,
    description: `minutes until Terraform gives up ${what}`,
  });
