/**
 * The calls that a preflight makes, with as much of AWS's shapes as it uses, so that one observation serves every program that
 * has an SDK. Inputs are mutable, as the SDK's are.
 */
export interface PreflightCalls {
  readonly "ec2:DescribeInstanceTypes": Call<Paged & Filtered, { InstanceTypes?: TypeInfo[] } & Next>;
  readonly "ec2:DescribeInstanceTypeOfferings": Call<
    Paged & Filtered & { LocationType: "availability-zone" },
    { InstanceTypeOfferings?: { InstanceType?: string; Location?: string }[] } & Next
  >;
  readonly "ec2:DescribeInstances": Call<
    Paged & Filtered,
    { Reservations?: { Instances?: InstanceInfo[] }[] } & Next
  >;
  readonly "ec2:DescribeAddresses": Call<Filtered, { Addresses?: Tagged[] }>;
  readonly "ec2:DescribeVpcs": Call<Paged & Filtered, { Vpcs?: Tagged[] } & Next>;
  readonly "ec2:DescribeSubnets": Call<Paged & Filtered, { Subnets?: SubnetInfo[] } & Next>;
  readonly "ec2:DescribeAvailabilityZones": Call<Filtered, { AvailabilityZones?: { ZoneName?: string }[] }>;
  readonly "ec2:DescribeImages": Call<
    Paged & Filtered & { Owners?: string[]; IncludeDeprecated?: boolean },
    { Images?: ImageInfo[] } & Next
  >;
  readonly "ec2:DescribeSnapshots": Call<
    Filtered,
    { Snapshots?: { SnapshotId?: string; KmsKeyId?: string }[] }
  >;
  readonly "ec2:GetEbsDefaultKmsKeyId": Call<object, { KmsKeyId?: string }>;
  readonly "ec2:RunInstances": Call<RunInput, unknown>;
  readonly "servicequotas:GetServiceQuota": Call<QuotaInput, QuotaOutput>;
  readonly "servicequotas:GetAWSDefaultServiceQuota": Call<QuotaInput, QuotaOutput>;
  readonly "kms:DescribeKey": Call<
    { KeyId: string },
    { KeyMetadata?: { Arn?: string; KeyManager?: string; Enabled?: boolean } }
  >;
  readonly "kms:GetKeyPolicy": Call<{ KeyId: string }, { Policy?: string }>;
  readonly "kms:ListGrants": Call<{ KeyId: string }, { Grants?: { GranteePrincipal?: string }[] }>;
  readonly "iam:SimulatePrincipalPolicy": Call<
    {
      PolicySourceArn: string;
      ActionNames: string[];
      ResourceArns?: string[];
      ContextEntries?: { ContextKeyName: string; ContextKeyType: "string"; ContextKeyValues: string[] }[];
    },
    { EvaluationResults?: SimulatedAction[] }
  >;
}
export type CallName = keyof PreflightCalls;
/** The calls whose answers have pages. */
export type PagedCallName =
  | `ec2:Describe${"InstanceTypes" | "InstanceTypeOfferings" | "Instances"}`
  | `ec2:Describe${"Vpcs" | "Subnets" | "Images"}`;

/** Makes one call, within a bounded time. Throws the SDK's errors: their `name` is AWS's code. */
export type MakeCall = <Name extends CallName>(
  name: Name,
  input: PreflightCalls[Name]["input"],
) => Promise<PreflightCalls[Name]["output"]>;

/** How an SDK makes each of the calls. */
export type CallTable = {
  readonly [Name in CallName]: (
    input: PreflightCalls[Name]["input"],
  ) => Promise<PreflightCalls[Name]["output"]>;
};

interface Call<Input, Output> {
  readonly input: Input;
  readonly output: Output extends object ? Loose<Output> : Output;
}

/** An optional part may be undefined, as in the SDK's types. */
type Loose<T> = T extends readonly (infer Item)[]
  ? Loose<Item>[]
  : T extends object
    ? { [Key in keyof T]: Loose<T[Key]> | undefined }
    : T;

interface Paged {
  MaxResults?: number;
  NextToken?: string;
}
export interface Next {
  NextToken?: string | undefined;
}
interface Filtered {
  Filters?: { Name: string; Values: string[] }[];
}
interface Tagged {
  Tags?: { Key?: string; Value?: string }[];
}
interface TypeInfo {
  InstanceType?: string;
  VCpuInfo?: { DefaultVCpus?: number };
  NetworkInfo?: { EfaSupported?: boolean };
  ProcessorInfo?: { SupportedArchitectures?: string[] };
  PlacementGroupInfo?: { SupportedStrategies?: string[] };
}
interface InstanceInfo extends Tagged {
  InstanceType?: string;
  InstanceLifecycle?: string;
  SubnetId?: string;
}
interface SubnetInfo extends Tagged {
  SubnetId?: string;
  AvailabilityZone?: string;
  AvailableIpAddressCount?: number;
}
interface ImageInfo extends Tagged {
  ImageId?: string;
  State?: string;
  Architecture?: string;
  CreationDate?: string;
  DeprecationTime?: string;
  RootDeviceName?: string;
  BlockDeviceMappings?: {
    DeviceName?: string;
    Ebs?: { VolumeSize?: number; SnapshotId?: string; Encrypted?: boolean };
  }[];
}
interface RunInput {
  DryRun: true;
  MinCount: 1;
  MaxCount: 1;
  ImageId: string;
  InstanceType: string;
  SubnetId: string;
}
interface QuotaInput {
  ServiceCode: string;
  QuotaCode: string;
}
interface QuotaOutput {
  Quota?: { Value?: number };
}
interface SimulatedAction {
  EvalActionName?: string;
  EvalDecision?: string;
  MissingContextValues?: string[];
  OrganizationsDecisionDetail?: { AllowedByOrganizations?: boolean };
}
