/**
 * Whether an account can use an image in a region. PENDING: the AMI is being made there, or shared. FAILED: it can not be used there until
 * something is changed; the reason says what.
 */
export const SHARE_STATUSES = ["PENDING", "SHARED", "FAILED"] as const;
type ShareStatus = (typeof SHARE_STATUSES)[number];

/** What EC2 says of an image in one region. */
export interface RegionFacts {
  /** Null: the region has no AMI of the image. */
  readonly ami: {
    /** EC2's word. */
    readonly state: string;
    readonly stateReason: string | null;
    /** Accounts that may launch it. */
    readonly launchableBy: readonly string[];
    /** Accounts that may make volumes of all its snapshots. */
    readonly readableBy: readonly string[];
  } | null;
  /** What went wrong in the region at the last apply; null: nothing. */
  readonly failure: string | null;
}

/** One account in one region. */
export interface Share {
  readonly status: ShareStatus;
  /** For people; null unless FAILED. */
  readonly reason: string | null;
}

const failed = (reason: string): Share => ({ status: "FAILED", reason });
const PENDING: Share = { status: "PENDING", reason: null };

/** Whether `account` has the image in a region where EC2 says `facts`. Pure. */
export function shareOf({ ami, failure }: RegionFacts, account: string): Share {
  if (ami === null) return failure === null ? PENDING : failed(failure);
  if (ami.state === "pending") return PENDING;
  if (ami.state !== "available")
    return failed(`the AMI is ${ami.state}: ${ami.stateReason ?? failure ?? "EC2 gives no reason"}`);
  const isLaunchable = ami.launchableBy.includes(account);
  if (isLaunchable && ami.readableBy.includes(account)) return { status: "SHARED", reason: null };
  if (failure !== null) return failed(failure);
  return isLaunchable ? failed("the account may launch the AMI, but not read its snapshots") : PENDING;
}
