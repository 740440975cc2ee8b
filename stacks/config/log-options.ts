import { Type } from "@sinclair/typebox";

/** What an org's log bucket may have. Each is off where it is absent. */
export const logOptions = {
  expireAfterDays: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3_650,
      description: "days until a job's log is deleted; default: it stays as long as the org",
    }),
  ),
  accessLogBucket: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
      description:
        "an existing bucket in the org's region that S3 writes the log bucket's access log to; default: none",
      examples: ["acme-access-logs"],
    }),
  ),
} as const;
