import type { LaunchReasonCode } from "../../../agent/contract/reasons.js";

/** A message of Auto Scaling's activities, in its own or in EC2's words, when it starts no instances. */
export interface LaunchCause {
  readonly says: RegExp;
  readonly code: LaunchReasonCode;
}

/**
 * Every cause that is known; the first that fits counts. The wording is AWS's: its user guide for Auto Scaling, "Troubleshoot",
 * and real activities; the tests name each source.
 */
export const LAUNCH_CAUSES: readonly LaunchCause[] = [
  {
    says: /InsufficientInstanceCapacity|no Spot capacity available|(insufficient|not have sufficient|not have enough).*capacity/is,
    code: "launch-no-capacity",
  },
  {
    says: /InsufficientFreeAddressesInSubnet|not enough free addresses/i,
    code: "launch-no-addresses",
  },
  {
    says: /iamInstanceProfile.*invalid|Invalid IAM Instance Profile/is,
    code: "launch-profile-invalid",
  },
  {
    says: /\bAMI\b.* is pending/is,
    code: "launch-image-pending",
  },
  {
    says: /Server\.InternalError/i,
    code: "launch-ec2-failed",
  },
  {
    says: /VolumeLimitExceeded/i,
    code: "launch-disk-quota",
  },
  {
    says: /VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded|vCPU limit|instance limit|quota|instance\(s\) are already running/i,
    code: "launch-instance-quota",
  },
  {
    says: /Client\.InternalError|InvalidKMSKey/i,
    code: "launch-key-unusable",
  },
  {
    says: /InvalidSnapshot/i,
    code: "launch-snapshot-missing",
  },
  {
    says: /architecture.* does not match/is,
    code: "launch-architecture-mismatch",
  },
  {
    says: /InvalidAMIID|image id .*(not exist|invalid)|\bAMI\b.*not exist|ami-\S+.*(not exist|not authorized)/is,
    code: "launch-image-missing",
  },
  {
    says: /launch template\b.*(not exist|not found|invalid)|InvalidLaunchTemplate|(security group|key pair|subnet|placement group)\b.*(not exist|is unknown)|invalid device name|virtualName is invalid|block device mappings? not supported/is,
    code: "launch-template-invalid",
  },
  {
    says: /UnauthorizedOperation|not authorized to perform|encoded authorization failure|access ?denied/i,
    code: "launch-forbidden",
  },
  {
    says: /EFA interfaces are not supported/i,
    code: "launch-efa-unsupported",
  },
  {
    says: /instance type .*not supported|Placement groups may not be used|requested configuration is currently not supported|Availability Zone is (no longer supported|currently constrained)/is,
    code: "launch-type-unsupported",
  },
];
