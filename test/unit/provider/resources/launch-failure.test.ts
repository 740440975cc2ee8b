import { describe, expect, test } from "@jest/globals";
import { findLaunchFailure, patienceMs } from "../../../../provider/resources/fleet/launch-failure.js";
import type { ScalingActivity } from "../../../../provider/resources/ports.js";

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

describe("findLaunchFailure", () => {
  test.each([
    [
      "a bad image",
      "The image id '[ami-0bad]' does not exist. Launching EC2 instance failed.",
      "Give an image",
    ],
    [
      "another account's image",
      "Not authorized for images: [ami-0bad] ... AMI ami-0bad not authorized",
      "Give an image",
    ],
    [
      "a missing template",
      "The specified launch template, with template ID lt-1, does not exist.",
      "launch template",
    ],
    [
      "a quota",
      "You have requested more vCPU capacity than your current vCPU limit of 32 allows",
      "higher EC2 quota",
    ],
    ["a quota's code", "VcpuLimitExceeded", "higher EC2 quota"],
    [
      "a denied launch",
      "You are not authorized to perform this operation. Encoded authorization failure message: abc",
      "decode-authorization-message",
    ],
    [
      "a type that the zone lacks",
      "Your requested instance type (c5.xlarge) is not supported in your requested Availability Zone",
      "instance type that this zone offers",
    ],
  ])("%s is lasting, wherever it is, and has its next step", (_name, message, next) => {
    const failure = findLaunchFailure([launched, failed(message)]);
    expect(failure).toMatchObject({ message, isLasting: true });
    expect(failure?.next).toContain(next);
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
