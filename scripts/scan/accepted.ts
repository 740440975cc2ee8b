/** A finding of the scanner that stays. */
export interface Accepted {
  /** The scanner's id of the check. */
  readonly check: string;
  /** As the scanner names it, without cdktf's number at its end. */
  readonly resource: string;
  readonly reason: string;
}

const LOG_BUCKET = "aws_s3_bucket.logs_bucket";

/** Every finding that is accepted, and why. All others are mended. */
export const ACCEPTED: readonly Accepted[] = [
  {
    check: "CKV_AWS_394",
    resource: "data.network_zones",
    reason:
      "Zones are looked up once, when the network is made: the subnets ignore what AWS lists later. org.network.zones names them.",
  },
  {
    check: "CKV2_AWS_5",
    resource: "aws_security_group.security_file-system-clients",
    reason: "The launch templates of the clusters' stacks attach it; the scanner sees one stack at a time.",
  },
  {
    check: "CKV2_AWS_5",
    resource: "aws_security_group.builder_group",
    reason: "muster_image attaches it to the builder that it starts, which the scanner does not know.",
  },
  {
    check: "CKV2_AWS_62",
    resource: LOG_BUCKET,
    reason: "Nothing waits for a log: readers follow it through the agents, or list the bucket.",
  },
  {
    check: "CKV_AWS_144",
    resource: LOG_BUCKET,
    reason:
      "A log belongs to a cluster of one region, and is deleted with its org. Copies would outlive both.",
  },
  {
    check: "CKV_AWS_18",
    resource: LOG_BUCKET,
    reason:
      "An access log needs a bucket of the company's, which muster.yaml names: org.logs.accessLogBucket. With it this is mended.",
  },
  {
    check: "CKV2_AWS_61",
    resource: LOG_BUCKET,
    reason:
      "How long logs are kept is the company's choice: org.logs.expireAfterDays. Without it they stay as long as the org; with it this is mended.",
  },
];
