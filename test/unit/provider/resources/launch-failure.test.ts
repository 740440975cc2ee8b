import { describe, expect, test } from "@jest/globals";
import { REASONS } from "../../../../agent/contract/reasons.js";
import type { ScalingActivity } from "../../../../provider/client/ports.js";
import { findLaunchFailure, patienceMs } from "../../../../provider/resources/fleet/launch-failure.js";

const activity = (status: string, message: string): ScalingActivity => ({
  id: message,
  at: "",
  status,
  message,
});
const failed = (message: string) => activity("Failed", message);
const launched = activity("Successful", "Launching a new EC2 instance: i-1");
const NO_CAPACITY =
  "We currently do not have sufficient c5.xlarge capacity in the Availability Zone you requested (us-east-1a).";

const GUIDE = "https://docs.aws.amazon.com/autoscaling/ec2/userguide";
const LAUNCHES = `${GUIDE}/ts-as-instancelaunchfailure.html`;
const IMAGES = `${GUIDE}/ts-as-ami.html`;
const ISSUES = "https://github.com";

describe("findLaunchFailure", () => {
  // [what, the group's words, a part of the next step, where those words were seen]
  test.each([
    [
      "a bad image",
      "The image id '[ami-0bad]' does not exist. Launching EC2 instance failed.",
      "Give an image that exists",
      "EC2's InvalidAMIID.NotFound",
    ],
    [
      "an image that was removed",
      "The AMI ID ami-0bad does not exist. Launching EC2 instance failed.",
      "Give an image that exists",
      IMAGES,
    ],
    [
      "another account's image",
      "Not authorized for images: [ami-0bad] ... AMI ami-0bad not authorized",
      "Give an image that exists",
      "EC2's AuthFailure",
    ],
    [
      "an image for another processor",
      "The requested instance type's architecture (i386) does not match the architecture in the manifest for ami-6622f00f (x86_64). Launching ec2 instance failed.",
      "the instance type's architecture",
      IMAGES,
    ],
    [
      "a missing template",
      "The specified launch template, with template ID lt-1, does not exist.",
      "launch template",
      "EC2's InvalidLaunchTemplateId.NotFound",
    ],
    [
      "a security group that was removed",
      "The security group 'sg-0bad' does not exist. Launching EC2 instance failed.",
      "what it refers to",
      LAUNCHES,
    ],
    [
      "a disk that the image can't have",
      "Invalid device name upload. Launching EC2 instance failed.",
      "what it refers to",
      LAUNCHES,
    ],
    [
      "a quota of vCPUs",
      "You have requested more vCPU capacity than your current vCPU limit of 384 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed.",
      "higher EC2 quota",
      `${ISSUES}/kubernetes/kops/pull/15778`,
    ],
    [
      "a quota of instances",
      "You have requested more instances (4) than your current instance limit of 2 allows for the specified instance type. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed.",
      "higher EC2 quota",
      `${ISSUES}/PeopleForBikes/pfb-network-connectivity/issues/342`,
    ],
    [
      "a quota of all",
      "32 instance(s) are already running. Launching EC2 instance failed.",
      "EC2 quota",
      LAUNCHES,
    ],
    ["a quota's code", "VcpuLimitExceeded", "higher EC2 quota", "EC2's error code"],
    [
      "a denied launch",
      "You are not authorized to perform this operation. Encoded authorization failure message: abc",
      "decode-authorization-message",
      "EC2's UnauthorizedOperation",
    ],
    [
      "a type that the zone lacks",
      "Your requested instance type (c5.xlarge) is not supported in your requested Availability Zone (us-east-1e). Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b. Launching EC2 instance failed.",
      "instance type that this zone offers",
      LAUNCHES,
    ],
    [
      "a combination that there is not",
      "The requested configuration is currently not supported. Please check the documentation for supported configurations. Launching EC2 instance failed.",
      "instance type that this zone offers",
      `${ISSUES}/gruntwork-io/intro-to-terraform/issues/6`,
    ],
    [
      "a zone that takes no more",
      "The requested Availability Zone is no longer supported. Please retry your request by not specifying an Availability Zone or choosing us-east-1a. Launching EC2 instance failed.",
      "or another zone",
      LAUNCHES,
    ],
    [
      "a type that no placement group takes",
      "Placement groups may not be used with instances of type 't3.micro'. Launching EC2 instance failed.",
      "Choose an instance type",
      LAUNCHES,
    ],
    [
      "a type without EFA",
      "EFA interfaces are not supported on m5.2xlarge. Launching EC2 instance failed.",
      "Choose an instance type with EFA",
      "EC2's UnsupportedOperation, as a design of OpenShift's Machine API quotes it",
    ],
  ])("%s is lasting, wherever it is, and has its next step", (_name, message, next, _source) => {
    const failure = findLaunchFailure([launched, failed(message)]);
    expect(failure).toMatchObject({ message, isLasting: true });
    expect(REASONS[failure?.code ?? "launch-ec2-failed"].next).toContain(next);
  });

  // Auto Scaling cancels a launch whose instance ends before it is in service:
  // https://github.com/terraform-aws-modules/terraform-aws-autoscaling/issues/109, with the reasons of EC2's StateReason.
  test.each([
    [
      "a key that can't be used",
      "Client.InternalError: Client error on launch",
      "AWSServiceRoleForAutoScaling",
    ],
    [
      "a key that is disabled",
      "Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state",
      "AWSServiceRoleForAutoScaling",
    ],
    [
      "a snapshot that is gone",
      "Client.InvalidSnapshot.NotFound: The specified snapshot was not found",
      "whose snapshots are there",
    ],
    ["a quota of disks", "Client.VolumeLimitExceeded: Volume limit exceeded", "higher EBS quota"],
  ])("%s ends the instance, which is lasting", (_name, reason, next) => {
    const message = `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`;
    const failure = findLaunchFailure([activity("Cancelled", message)]);
    expect(failure).toMatchObject({ message, isLasting: true });
    expect(REASONS[failure?.code ?? "launch-ec2-failed"].next).toContain(next);
  });

  test.each([
    [
      "an instance profile that EC2 does not know yet",
      // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2639
      "Value (nodes) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name. Launching EC2 instance failed.",
      "Correct the instance profile",
    ],
    [
      "a subnet that is full",
      // https://github.com/PrairieLearn/PrairieLearn/issues/3271
      "There are not enough free addresses in subnet 'subnet-66d3dd2c' to satisfy the requested number of instances. Launching EC2 instance failed.",
      "larger subnet",
    ],
    [
      "a reservation that is used up",
      "The requested reservation does not have sufficient compatible and available capacity for this request. Launching EC2 instance failed.",
      "too few such instances",
    ],
    [
      "an image in the making",
      "AMI ami-1 is pending, and cannot be run. Launching EC2 instance failed.",
      "Wait",
    ],
    [
      "a failure of EC2's own",
      "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Server.InternalError: Internal error on launch",
      "EC2 failed",
    ],
  ])("%s may pass, and has its next step all the same", (_name, message, next) => {
    const failure = findLaunchFailure([failed(message)]);
    expect(failure).toMatchObject({ message, isLasting: false });
    expect(REASONS[failure?.code ?? "launch-ec2-failed"].next).toContain(next);
  });

  test.each([
    ["a shortage may pass", [failed(NO_CAPACITY)], false],
    [
      "a shortage is still one while the next try runs",
      [activity("InProgress", "Launching"), failed(NO_CAPACITY)],
      false,
    ],
    ["a shortage that a launch has followed is over", [launched, failed(NO_CAPACITY)], null],
    ["a lasting failure counts before a shortage", [failed(NO_CAPACITY), failed("VcpuLimitExceeded")], true],
    ["what nobody knows is waited out", [failed("The moon is full")], null],
    ["a success is none, whatever it says", [activity("Successful", "VcpuLimitExceeded")], null],
    ["nothing happened", [], null],
  ])("%s", (_name, activities, isLasting) => {
    expect(findLaunchFailure(activities)?.isLasting ?? null).toBe(isLasting);
  });
});

test.each([
  [40_000, 10_000],
  [1_800_000, 300_000],
])("of a time-out of %d ms, a shortage is waited out for %d", (timeoutMs, expected) => {
  expect(patienceMs(timeoutMs)).toBe(expected);
});
