import type { ReasonEntry } from "./reason.js";

/** Why an Auto Scaling group starts no instances. `later`: it is waited out for a while; `never`: waiting can't help. */
export const LAUNCH_REASONS = {
  "launch-no-capacity": {
    about: "cluster",
    meaning: "AWS has too few instances of the type in the zone.",
    retry: "later",
    next: "AWS has too few such instances in this zone now: apply again later, or choose another instance type or zone, or fewer nodes.",
  },
  "launch-no-addresses": {
    about: "cluster",
    meaning: "The subnet has too few free addresses.",
    // Addresses of terminating nodes become free again.
    retry: "later",
    next: "Give the group a larger subnet, or one more, or ask for fewer nodes, and apply again.",
  },
  "launch-profile-invalid": {
    about: "cluster",
    meaning: "EC2 does not know the launch template's instance profile.",
    // EC2 knows a new profile only some seconds after IAM created it.
    retry: "later",
    next: "Correct the instance profile in the group's launch template: EC2 knows none of that name (one that was just made takes moments); then apply again.",
  },
  "launch-image-pending": {
    about: "cluster",
    meaning: "The image is not available yet.",
    retry: "later",
    next: "Wait until the image is available and apply again.",
  },
  "launch-ec2-failed": {
    about: "cluster",
    meaning: "EC2 itself failed.",
    retry: "later",
    next: "EC2 failed, not the configuration: apply again, and look at AWS Health if it stays so.",
  },
  "launch-disk-quota": {
    about: "cluster",
    meaning: "The account's quota for EBS volumes is used up.",
    retry: "never",
    next: "Ask for a higher EBS quota (Service Quotas, EBS), or choose smaller disks or fewer nodes, and apply again.",
  },
  "launch-instance-quota": {
    about: "cluster",
    meaning: "The account's quota for EC2 instances is used up.",
    retry: "never",
    next: "Ask for a higher EC2 quota (Service Quotas, EC2, running On-Demand instances), or choose fewer or smaller nodes, and apply again.",
  },
  "launch-key-unusable": {
    about: "cluster",
    meaning: "An instance ended while it was launched, mostly because its disk's key can't be used.",
    retry: "never",
    next: "Let the policy of the encrypted disk's key allow AWSServiceRoleForAutoScaling to use it and to create grants, check that the key is enabled, and apply again.",
  },
  "launch-snapshot-missing": {
    about: "cluster",
    meaning: "A snapshot of the image is gone, or not shared with this account.",
    retry: "never",
    next: "A snapshot that the image or the launch template names is gone or not shared with this account: give an image whose snapshots are there, and apply again.",
  },
  "launch-architecture-mismatch": {
    about: "cluster",
    meaning: "The image is made for another architecture than the instance type's.",
    retry: "never",
    next: "Give an image that is made for the instance type's architecture, or another type, and apply again.",
  },
  "launch-image-missing": {
    about: "cluster",
    meaning: "The image does not exist in this region, or this account may not use it.",
    retry: "never",
    next: "Give an image that exists in this region and that this account may use, and apply again.",
  },
  "launch-template-invalid": {
    about: "cluster",
    meaning: "The launch template, or something that it refers to, does not exist or is not valid.",
    retry: "never",
    next: "Correct the Auto Scaling group's launch template, and what it refers to, and apply again.",
  },
  "launch-forbidden": {
    about: "cluster",
    meaning: "A policy forbids the launch.",
    retry: "never",
    next: "Allow the launch (`aws sts decode-authorization-message` shows what was denied; service control policies count too), and apply again.",
  },
  "launch-efa-unsupported": {
    about: "cluster",
    meaning: "The instance type has no Elastic Fabric Adapter.",
    retry: "never",
    next: "Choose an instance type with EFA (data muster_instance_types, efa = true, lists them), or do without EFA, and apply again.",
  },
  "launch-type-unsupported": {
    about: "cluster",
    meaning: "The zone or the placement group does not support the instance type.",
    retry: "never",
    next: "Choose an instance type that this zone offers, or another zone, and apply again.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
