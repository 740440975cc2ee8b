import { Type } from "@sinclair/typebox";
import { CREDENTIALS_NAME_PATTERN } from "../../agent/contract/source-policy.js";

/** What a cluster's jobs may use as sources besides public Git repositories and what is the cluster's own. */
export const sourceAccess = {
  sourceBuckets: Type.Array(
    Type.String({
      pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
      description: "the name of an S3 bucket in the org's region",
    }),
    {
      default: [],
      maxItems: 10,
      uniqueItems: true,
      description:
        "S3 buckets that jobs' sources may come from: the nodes may read everything in them; not encrypted with a KMS key other than the org's",
      examples: [["acme-models"]],
    },
  ),
  gitCredentials: Type.Array(
    Type.String({
      pattern: CREDENTIALS_NAME_PATTERN,
      description:
        "a name of Git credentials, as in muster git-credentials set: 1-32 characters, lower-case letters, digits and hyphens, a letter first, no hyphen last",
    }),
    {
      default: [],
      maxItems: 10,
      uniqueItems: true,
      description: "the org's Git credentials that jobs of this cluster may use, by name",
      examples: [["github"]],
    },
  ),
} as const;
