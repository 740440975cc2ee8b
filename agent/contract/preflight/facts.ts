/** What AWS says of the account. Everything that a check reads is here: a check asks nothing itself. */
export interface PreflightFacts {
  /** When it was looked: ISO 8601. */
  readonly at: string;
  readonly types: Known<readonly TypeFacts[]>;
  readonly offerings: Known<readonly Offering[]>;
  /** The account's instances in the region that run, or are about to. */
  readonly running: Known<readonly RunningFacts[]>;
  /** By code; null: Service Quotas has no such quota. */
  readonly quotas: ReadonlyMap<string, Known<number | null>>;
  readonly addresses: Known<CountFacts>;
  readonly vpcs: Known<CountFacts>;
  /** Of the org's network, and those that are named. */
  readonly subnets: Known<readonly SubnetFacts[]>;
  /** The region's availability zones, in the order in which an org's network takes them. */
  readonly zones: Known<readonly string[]>;
  readonly images: Known<readonly ImageFacts[]>;
  /** What encrypts the nodes' disks, by the image's id. */
  readonly keys: ReadonlyMap<string, Known<KeyFacts>>;
  /** Null: there is no caller whose rights could be simulated. */
  readonly rights: Known<readonly SimulatedRight[]>;
  /** What RunInstances answers to a dry run, by dryRunKey. */
  readonly dryRuns: ReadonlyMap<string, Known<DryRunAnswer>>;
}

/** An answer, or why there is none. */
export type Known<T> = { readonly value: T } | { readonly unknown: Unknown };
export interface Unknown {
  /** For a person, without a full stop. */
  readonly why: string;
  /** The right that the credentials lack, like ec2:DescribeInstances; null: it is another cause. */
  readonly right: string | null;
}

/** An instance type. */
export interface TypeFacts {
  readonly name: string;
  readonly vcpus: number;
  readonly efa: boolean;
  /** In EC2's words: x86_64, arm64. */
  readonly architectures: readonly string[];
  /** The placement strategies that it supports; null: EC2 does not say. */
  readonly placements: readonly string[] | null;
}
export interface Offering {
  readonly type: string;
  readonly zone: string;
}
export interface RunningFacts {
  readonly type: string;
  readonly vcpus: number;
  readonly spot: boolean;
  readonly subnetId: string | null;
  /** By its tags; null: it is no cluster's. */
  readonly org: string | null;
  readonly cluster: string | null;
}
/** How many there are in the region, and whether the org has its own already. */
export interface CountFacts {
  readonly count: number;
  readonly ofOrg: number;
}
export interface SubnetFacts {
  readonly id: string;
  /** Its Name tag: muster-<org>-private-1. */
  readonly name: string | null;
  readonly zone: string;
  /** Addresses that are free. */
  readonly free: number;
}
export interface ImageFacts {
  readonly id: string;
  /** By its tag. */
  readonly family: string | null;
  /** In EC2's words: available, pending, failed. */
  readonly state: string;
  readonly architecture: string | null;
  readonly createdAt: string;
  readonly rootGiB: number | null;
  /** Of the root volume. */
  readonly snapshotId: string | null;
  readonly isEncrypted: boolean;
  /** From when on its owner advises against it, which may lie ahead; null: EC2 names no time. */
  readonly deprecatedAt: string | null;
  /** By its tag: another version of its family has taken its place. */
  readonly isReplaced: boolean;
}
/** A KMS key. */
export interface KeyFacts {
  readonly arn: string;
  /** Whether AWS made and keeps it: every service of the account may use it then. */
  readonly isAwsManaged: boolean;
  readonly isEnabled: boolean;
  /** Whether its policy or a grant names Auto Scaling's service-linked role; null: could not be asked. */
  readonly allowsAutoScaling: Known<boolean>;
}
export interface SimulatedRight {
  readonly action: string;
  /** In IAM's words: allowed, implicitDeny, explicitDeny. */
  readonly decision: string;
  /** Whether service control policies are in play, which the simulation does not wholly see. */
  readonly isUnderOrganization: boolean;
  /** Whether a policy has a condition whose value the simulation lacked. */
  readonly lacksContext: boolean;
}
/** An EC2 error code; DryRunOperation: it would have worked. */
export interface DryRunAnswer {
  readonly code: string;
  readonly message: string;
}
/** What RunInstances is tried with. */
export interface DryRun {
  readonly instanceType: string;
  readonly subnetId: string;
  readonly imageId: string;
}
export const dryRunKey = ({ instanceType, subnetId, imageId }: DryRun): string =>
  `${instanceType}/${subnetId}/${imageId}`;
