/** For which org a policy is written, and where. */
export interface RightsPlace {
  readonly org: string;
  readonly region: string;
  /** 12 digits, or "*": the account that the policy is in. */
  readonly accountId: string;
  /** The ARN of the policy that each role has to be limited by that is made; missing: none. */
  readonly permissionsBoundaryArn?: string;
}

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Actions of one service that are allowed on the same resources under the same condition. */
export interface RightGroup {
  /** The statement's Sid: letters and digits. */
  readonly sid: string;
  /** What the resources are, in words, for the documentation. */
  readonly on: string;
  /** In IAM's spelling, "ec2:CreateVpc". */
  readonly actions: readonly string[];
  resources(place: RightsPlace): readonly string[];
  condition?(place: RightsPlace): Condition | undefined;
  /** The condition in words, for the documentation. */
  readonly only?: string;
}

/**
 * The partition of a region's ARNs. Pure.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** The ARN of a resource in the place's region. Pure. */
export const regionalArn = ({ region, accountId }: RightsPlace, service: string, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;

/** The ARN of a resource of a service that all regions share. Pure. */
export const globalArn = ({ region, accountId }: RightsPlace, service: string, resource: string): string =>
  `arn:${partitionOf(region)}:${service}::${accountId}:${resource}`;

export const EVERYTHING = (): readonly string[] => ["*"];

// The keys of conditions: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

/** What is made gets the org's tag in the same call. */
export const MADE_WITH_TAG = ({ org }: RightsPlace) => ({
  StringEquals: { "aws:RequestTag/muster:org": org },
});
/** What is there has the org's tag. */
export const HAS_TAG = ({ org }: RightsPlace) => ({ StringEquals: { "aws:ResourceTag/muster:org": org } });
/** A role that is made or changed has the boundary, where there is one. */
export const WITHIN_BOUNDARY = ({ permissionsBoundaryArn }: RightsPlace) =>
  permissionsBoundaryArn === undefined
    ? undefined
    : { StringEquals: { "iam:PermissionsBoundary": permissionsBoundaryArn } };
/** The call goes to the org's region. */
export const IN_REGION = ({ region }: RightsPlace) => ({ StringEquals: { "aws:RequestedRegion": region } });
