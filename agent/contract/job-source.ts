import { type Static, Type } from "@sinclair/typebox";
import {
  CREDENTIALS_NAME_PATTERN,
  S3_URI_PATTERN,
  SHA256_PATTERN,
  SHARED_PATH_PATTERN,
  SOURCE_LIMITS,
} from "./source-policy.js";

const closed = { additionalProperties: false } as const;

/** A repository, or a folder or a file in it, as a browser shows its address; `.git` at the end is accepted too. */
export const GitSource = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: SOURCE_LIMITS.urlCharacters,
      description:
        "https or ssh; on GitHub, GitLab and Bitbucket also the address of a branch, folder or file",
    }),
    reference: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: SOURCE_LIMITS.referenceCharacters,
        description: "a branch, a tag or a full commit; default: the URL's, else the default branch",
      }),
    ),
    credentials: Type.Optional(
      Type.String({
        pattern: CREDENTIALS_NAME_PATTERN,
        description: "the name of Git credentials that the cluster may use",
      }),
    ),
  },
  closed,
);
export type GitSource = Static<typeof GitSource>;

/** An object, an archive (.zip, .tar, .tar.gz, .tgz) or, with a slash at its end, everything below a prefix. */
export const S3Source = Type.Object(
  {
    uri: Type.String({
      pattern: S3_URI_PATTERN,
      maxLength: SOURCE_LIMITS.urlCharacters,
      description: "s3://bucket/key; the bucket is in the cluster's region",
    }),
  },
  closed,
);
export type S3Source = Static<typeof S3Source>;

/** A folder that is on /shared already. The job runs in it, and nothing is copied. */
export const SharedSource = Type.Object(
  {
    path: Type.String({
      pattern: SHARED_PATH_PATTERN,
      maxLength: SOURCE_LIMITS.pathCharacters,
      description: "/shared, or a folder below it",
    }),
  },
  closed,
);
export type SharedSource = Static<typeof SharedSource>;

/** A folder that the submitter has packed and put into the log bucket, once per content: see bundleKey. */
export const BundleSource = Type.Object(
  {
    sha256: Type.String({ pattern: SHA256_PATTERN, description: "of the packed folder, hex" }),
    bytes: Type.Integer({ minimum: 1, maximum: SOURCE_LIMITS.bundleBytes }),
  },
  closed,
);
export type BundleSource = Static<typeof BundleSource>;

/** Where a job's files come from: exactly one of these. */
export const JobSource = Type.Object(
  {
    git: Type.Optional(GitSource),
    s3: Type.Optional(S3Source),
    shared: Type.Optional(SharedSource),
    bundle: Type.Optional(BundleSource),
  },
  { minProperties: 1, maxProperties: 1, ...closed },
);
export type JobSource = Static<typeof JobSource>;
