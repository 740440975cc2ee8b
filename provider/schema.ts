import { NAME_PATTERN } from "../agent/contract/names.js";
import { optional, required, string } from "./core/schema.js";
import type { Schema } from "./core/types.js";
import { matches, NAME_MEANING } from "./resources/checks.js";

/** The provider's own configuration. */
export const providerSchema = {
  version: 0,
  description: "Muster: MPI clusters for Python in your own AWS account.",
  attributes: {
    org: required(string, {
      description: "The org whose registry the resources live in.",
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    region: optional(string, {
      description: "The AWS region. Default: AWS_REGION, else AWS_DEFAULT_REGION.",
      checks: [matches(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region, like us-east-1")],
    }),
  },
} as const satisfies Schema;
