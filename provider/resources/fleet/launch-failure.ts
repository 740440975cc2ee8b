import type { ScalingActivity } from "../ports.js";

/** Why a group starts no instances. `isLasting`: more patience can't help; else it may pass by itself. */
export interface LaunchFailure {
  readonly message: string;
  readonly isLasting: boolean;
  /** What the person has to do. */
  readonly next: string;
}

const MAX_PATIENCE_MS = 300_000;

/** What Auto Scaling says, in its own and in EC2's words. The first that fits counts. */
const KNOWN: readonly { readonly says: RegExp; readonly isLasting: boolean; readonly next: string }[] = [
  {
    says: /InsufficientInstanceCapacity|(insufficient|not have sufficient|not have enough).*capacity/is,
    isLasting: false,
    next: "AWS has too few such instances in this zone now: apply again later, or choose another instance type or zone, or fewer nodes.",
  },
  {
    says: /VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded|vCPU limit|quota/i,
    isLasting: true,
    next: "Ask for a higher EC2 quota (Service Quotas, EC2, running On-Demand instances), or choose fewer or smaller nodes, and apply again.",
  },
  {
    says: /InvalidAMIID|image id .*(not exist|invalid)|ami-\S+.*(not exist|not authorized)/is,
    isLasting: true,
    next: "Give an image that exists in this region and that this account may use, and apply again.",
  },
  {
    says: /launch template\b.*(not exist|not found|invalid)|InvalidLaunchTemplate/is,
    isLasting: true,
    next: "Correct the Auto Scaling group's launch template and apply again.",
  },
  {
    says: /UnauthorizedOperation|not authorized to perform|encoded authorization failure|access ?denied/i,
    isLasting: true,
    next: "Let the launch be allowed (`aws sts decode-authorization-message` tells what was denied; service control policies count too), and apply again.",
  },
  {
    says: /instance type .*not supported|requested configuration is currently not supported/is,
    isLasting: true,
    next: "Choose an instance type that this zone offers, or another zone, and apply again.",
  },
];

/**
 * What keeps the group from starting instances, from the activities that began after the resize, newest first. A lasting
 * failure counts wherever it is; one that may pass only while nothing newer has come.
 */
export function findLaunchFailure(activities: readonly ScalingActivity[]): LaunchFailure | null {
  // One in progress says nothing yet; it must not hide the failure before it.
  const ended = activities.filter(({ status }) => status === "Failed" || status === "Successful");
  const failures = ended.map(({ status, message }) => {
    const known = KNOWN.find(({ says }) => says.test(message));
    return status !== "Failed" || known === undefined ? null : { message, ...known };
  });
  const found = failures.find((failure) => failure?.isLasting) ?? failures[0] ?? null;
  return found === null ? null : { message: found.message, isLasting: found.isLasting, next: found.next };
}

/** How long a shortage is waited out: a quarter of the time-out, at most 5 minutes. */
export const patienceMs = (timeoutMs: number): number => Math.min(timeoutMs / 4, MAX_PATIENCE_MS);
