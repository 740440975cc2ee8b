/** Something that Auto Scaling's activities say, in its own and in EC2's words, when it starts no instances. */
export interface LaunchCause {
  readonly says: RegExp;
  /** More patience can't help; else it may pass by itself. */
  readonly isLasting: boolean;
  /** What the person has to do. */
  readonly next: string;
}

/** The wording is AWS's: its user guide for Auto Scaling, "Troubleshoot", and real activities; the tests name each source. */
const PASSING: readonly Omit<LaunchCause, "isLasting">[] = [
  {
    says: /InsufficientInstanceCapacity|no Spot capacity available|(insufficient|not have sufficient|not have enough).*capacity/is,
    next: "AWS has too few such instances in this zone now: apply again later, or choose another instance type or zone, or fewer nodes.",
  },
  {
    // Addresses of nodes that are still being terminated come back.
    says: /InsufficientFreeAddressesInSubnet|not enough free addresses/i,
    next: "Give the group a larger subnet, or one more, or ask for fewer nodes, and apply again.",
  },
  {
    // EC2 learns of a new profile only some seconds after IAM has made it.
    says: /iamInstanceProfile.*invalid|Invalid IAM Instance Profile/is,
    next: "Correct the instance profile in the group's launch template: EC2 knows none of that name (one that was just made takes moments); then apply again.",
  },
  {
    says: /\bAMI\b.* is pending/is,
    next: "Wait until the image is available and apply again.",
  },
  {
    says: /Server\.InternalError/i,
    next: "EC2 failed, not the configuration: apply again; AWS Health tells of its troubles.",
  },
];

const LASTING: readonly Omit<LaunchCause, "isLasting">[] = [
  {
    says: /VolumeLimitExceeded/i,
    next: "Ask for a higher EBS quota (Service Quotas, EBS), or choose smaller disks or fewer nodes, and apply again.",
  },
  {
    says: /VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded|vCPU limit|instance limit|quota|instance\(s\) are already running/i,
    next: "Ask for a higher EC2 quota (Service Quotas, EC2, running On-Demand instances), or choose fewer or smaller nodes, and apply again.",
  },
  {
    says: /Client\.InternalError|InvalidKMSKey/i,
    next: "The instance ended while it was launched, mostly because the key of its encrypted disk can't be used: let the key's policy allow AWSServiceRoleForAutoScaling to use it and to create grants, check that it is enabled, and apply again.",
  },
  {
    says: /InvalidSnapshot/i,
    next: "A snapshot that the image or the launch template names is gone or not shared with this account: give an image whose snapshots are there, and apply again.",
  },
  {
    says: /architecture.* does not match/is,
    next: "Give an image that is made for the instance type's architecture, or another type, and apply again.",
  },
  {
    says: /InvalidAMIID|image id .*(not exist|invalid)|\bAMI\b.*not exist|ami-\S+.*(not exist|not authorized)/is,
    next: "Give an image that exists in this region and that this account may use, and apply again.",
  },
  {
    says: /launch template\b.*(not exist|not found|invalid)|InvalidLaunchTemplate|(security group|key pair|subnet|placement group)\b.*(not exist|is unknown)|invalid device name|virtualName is invalid|block device mappings? not supported/is,
    next: "Correct the Auto Scaling group's launch template, and what it refers to, and apply again.",
  },
  {
    says: /UnauthorizedOperation|not authorized to perform|encoded authorization failure|access ?denied/i,
    next: "Let the launch be allowed (`aws sts decode-authorization-message` tells what was denied; service control policies count too), and apply again.",
  },
  {
    says: /EFA interfaces are not supported/i,
    next: "Choose an instance type with EFA (data muster_instance_types, efa = true, lists them), or do without EFA, and apply again.",
  },
  {
    says: /instance type .*not supported|Placement groups may not be used|requested configuration is currently not supported|Availability Zone is (no longer supported|currently constrained)/is,
    next: "Choose an instance type that this zone offers, or another zone, and apply again.",
  },
];

/** Every cause that is known. The first that fits counts. */
export const LAUNCH_CAUSES: readonly LaunchCause[] = [
  ...PASSING.map((cause) => ({ ...cause, isLasting: false })),
  ...LASTING.map((cause) => ({ ...cause, isLasting: true })),
];
