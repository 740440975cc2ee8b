import {
  bundlePrefix,
  clusterParameterPath,
  gitCredentialsParameter,
  TAG,
} from "../../agent/contract/names.js";
import { clusterPk, QUEUE_INDEX, usagePk } from "../../agent/contract/registry.js";
import type { PolicyStatement } from "./policy.js";

/** What the policy is about. Each value may be a Terraform reference. */
export interface NodePolicyFacts {
  readonly orgName: string;
  readonly clusterUuid: string;
  readonly region: string;
  readonly accountId: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  /** `amazonaws.com`, `amazonaws.com.cn`, ... */
  readonly dnsSuffix: string;
  readonly tableArn: string;
  readonly keyArn: string;
  readonly logBucketArn: string;
  readonly fileSystemArn: string;
  /** What the cluster's nodes may mount. */
  readonly accessPointArns: readonly string[];
  /** The names of other buckets that its jobs' sources may come from. */
  readonly sourceBuckets: readonly string[];
  /** The names of the org's Git credentials that it may use. */
  readonly gitCredentials: readonly string[];
  /** Of the role that its jobs get; undefined: none. */
  readonly jobRoleArn: string | undefined;
  /** The names of the Auto Scaling groups whose size its agent may set: that of its nodes; of a notebook's node its own and the cluster's. */
  readonly autoscalingGroups: readonly string[];
}

/**
 * Everything that a node may do in the account: its own cluster's registry items, secret, log prefix and packed folders, its folders of
 * the org's file system, through their access points, what the cluster lists of buckets and Git credentials, and its job role. The agent uses every action but those of the last statement,
 * which are Session Manager's own agent's. Pure.
 */
export function nodePolicy(facts: NodePolicyFacts): PolicyStatement[] {
  return [
    ...registryStatements(facts),
    ...secretStatements(facts),
    ...logStatements(facts),
    ownFolders(facts),
    ...bucketStatements(facts),
    ...credentialStatements(facts),
    ...jobRoleStatements(facts),
    ...groupStatements(facts),
    SESSION_MANAGER,
    ...consoleStatements(facts),
  ];
}

/**
 * What Session Manager's agent needs, as AWS lists it. AWS has no narrower resource for it: which instance it speaks for follows from
 * its credentials. Who may open sessions is a right of people's own.
 */
const SESSION_MANAGER: PolicyStatement = {
  Sid: "SessionManager",
  Effect: "Allow",
  Action: [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
  ],
  Resource: ["*"],
};

function registryStatements(facts: NodePolicyFacts): PolicyStatement[] {
  const ownItems = {
    "ForAllValues:StringEquals": {
      "dynamodb:LeadingKeys": [clusterPk(facts.clusterUuid), usagePk(facts.clusterUuid)],
    },
    // ForAllValues is also true of a request without keys.
    Null: { "dynamodb:LeadingKeys": "false" },
  };
  return [
    {
      Sid: "OwnRegistryItems",
      Effect: "Allow",
      Action: [
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
      ],
      Resource: [facts.tableArn],
      Condition: ownItems,
    },
    {
      Sid: "OwnJobQueue",
      Effect: "Allow",
      Action: ["dynamodb:Query"],
      Resource: [`${facts.tableArn}/index/${QUEUE_INDEX.name}`],
      Condition: ownItems,
    },
    useOfKey("RegistryKey", ["kms:Decrypt"], "dynamodb", facts),
  ];
}

function secretStatements(facts: NodePolicyFacts): PolicyStatement[] {
  const path = clusterParameterPath(facts.orgName, facts.clusterUuid);
  const parameters = parameterArn(`${path}/*`, facts);
  const decrypt = useOfKey("SecretKey", ["kms:Decrypt"], "ssm", facts);
  return [
    { Sid: "OwnSecret", Effect: "Allow", Action: ["ssm:GetParameter"], Resource: [parameters] },
    {
      ...decrypt,
      Condition: { ...decrypt.Condition, StringLike: { "kms:EncryptionContext:PARAMETER_ARN": parameters } },
    },
  ];
}

function logStatements(facts: NodePolicyFacts): PolicyStatement[] {
  const own = `logs/${facts.clusterUuid}/*`;
  return [
    {
      Sid: "OwnLogs",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: [`${facts.logBucketArn}/${own}`],
    },
    // Which parts of a log are there: an agent that begins anew goes on after them.
    {
      Sid: "OwnLogList",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [facts.logBucketArn],
      Condition: { StringLike: { "s3:prefix": own } },
    },
    {
      Sid: "OwnBundles",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [`${facts.logBucketArn}/${bundlePrefix(facts.clusterUuid)}*`],
    },
    useOfKey("LogKey", ["kms:Decrypt", "kms:GenerateDataKey"], "s3", facts),
  ];
}

const ownFolders = ({ fileSystemArn, accessPointArns }: NodePolicyFacts): PolicyStatement =>
  mountStatement("OwnFolders", fileSystemArn, accessPointArns);

/** Allows to mount the file system by these access points, and to write there. Pure. */
export const mountStatement = (
  sid: string,
  fileSystemArn: string,
  accessPointArns: readonly string[],
): PolicyStatement => ({
  Sid: sid,
  Effect: "Allow",
  Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
  Resource: [fileSystemArn],
  Condition: { StringEquals: { "elasticfilesystem:AccessPointArn": [...accessPointArns] } },
});

/** Sources in other buckets: they are read, and nothing is written. */
function bucketStatements({ partition, sourceBuckets }: NodePolicyFacts): PolicyStatement[] {
  if (sourceBuckets.length === 0) return [];
  const buckets = sourceBuckets.map((name) => `arn:${partition}:s3:::${name}`);
  return [
    {
      Sid: "SourceObjects",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: buckets.map((arn) => `${arn}/*`),
    },
    { Sid: "SourceBuckets", Effect: "Allow", Action: ["s3:ListBucket"], Resource: buckets },
  ];
}

function credentialStatements(facts: NodePolicyFacts): PolicyStatement[] {
  if (facts.gitCredentials.length === 0) return [];
  const parameters = facts.gitCredentials.map((name) =>
    parameterArn(gitCredentialsParameter(facts.orgName, name), facts),
  );
  const decrypt = useOfKey("GitCredentialsKey", ["kms:Decrypt"], "ssm", facts);
  return [
    { Sid: "GitCredentials", Effect: "Allow", Action: ["ssm:GetParameter"], Resource: parameters },
    {
      ...decrypt,
      Condition: {
        ...decrypt.Condition,
        StringLike: { "kms:EncryptionContext:PARAMETER_ARN": parameters },
      },
    },
  ];
}

const jobRoleStatements = ({ jobRoleArn }: NodePolicyFacts): PolicyStatement[] =>
  jobRoleArn === undefined
    ? []
    : [{ Sid: "OwnJobRole", Effect: "Allow", Action: ["sts:AssumeRole"], Resource: [jobRoleArn] }];

/** The head parks the cluster, gives nodes back, and asks which instances there are: of one whose agent does not start it hears nothing. */
const groupStatements = (facts: NodePolicyFacts): PolicyStatement[] => [
  // AWS has no narrower resource for it. The answer tells which instances there are, and nothing of what they hold.
  {
    Sid: "Groups",
    Effect: "Allow",
    Action: ["autoscaling:DescribeAutoScalingGroups"],
    Resource: ["*"],
  },
  {
    Sid: "OwnGroup",
    Effect: "Allow",
    Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
    Resource: facts.autoscalingGroups.map(
      (name) =>
        `arn:${facts.partition}:autoscaling:${facts.region}:${facts.accountId}:autoScalingGroup:*:autoScalingGroupName/${name}`,
    ),
  },
];

/** What a node that is lost has on its console, before it is replaced. EC2 knows an instance's cluster by its tag, which no node may change. */
const consoleStatements = (facts: NodePolicyFacts): PolicyStatement[] => [
  {
    Sid: "OwnConsoles",
    Effect: "Allow",
    Action: ["ec2:GetConsoleOutput"],
    Resource: [`arn:${facts.partition}:ec2:${facts.region}:${facts.accountId}:instance/*`],
    Condition: { StringEquals: { [`aws:ResourceTag/${TAG.CLUSTER}`]: facts.clusterUuid } },
  },
];

const parameterArn = (name: string, { partition, region, accountId }: NodePolicyFacts): string =>
  `arn:${partition}:ssm:${region}:${accountId}:parameter${name}`;

/** Use of the org's key, but only through one AWS service and for that service's data. */
function useOfKey(
  sid: string,
  actions: string[],
  service: string,
  { keyArn, region, dnsSuffix }: NodePolicyFacts,
): PolicyStatement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: [keyArn],
    Condition: { StringEquals: { "kms:ViaService": `${service}.${region}.${dnsSuffix}` } },
  };
}
