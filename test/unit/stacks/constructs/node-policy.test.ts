import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { nodePolicy } from "../../../../stacks/constructs/node-policy.js";

const AGENT = path.join(__dirname, "../../../../agent");

/** What each call that the agent's sources import needs in a policy. A call without an entry fails the test. */
const ACTIONS_OF: Readonly<Record<string, readonly string[]>> = {
  GetCommand: ["dynamodb:GetItem"],
  PutCommand: ["dynamodb:PutItem"],
  UpdateCommand: ["dynamodb:UpdateItem"],
  DeleteCommand: ["dynamodb:DeleteItem"],
  // It has no action of its own: DynamoDB asks for those of the writes in it.
  TransactWriteCommand: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  QueryCommand: ["dynamodb:Query"],
  paginateQuery: ["dynamodb:Query"],
  // The parameter is a SecureString, and is asked for decrypted.
  GetParameterCommand: ["ssm:GetParameter", "kms:Decrypt"],
  HeadBucketCommand: ["s3:ListBucket"],
  paginateListObjectsV2: ["s3:ListBucket"],
  // A later attempt reads the version of the first.
  GetObjectCommand: ["s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt"],
  // The bucket encrypts by the org's key.
  PutObjectCommand: ["s3:PutObject", "kms:GenerateDataKey"],
  AssumeRoleCommand: ["sts:AssumeRole"],
  HeadObjectCommand: ["s3:GetObject", "kms:Decrypt"],
  DescribeAutoScalingGroupsCommand: ["autoscaling:DescribeAutoScalingGroups"],
  SetDesiredCapacityCommand: ["autoscaling:SetDesiredCapacity"],
  GetConsoleOutputCommand: ["ec2:GetConsoleOutput"],
  TerminateInstanceInAutoScalingGroupCommand: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
};
/** What the agent does without the SDK: `mount -t efs` with `iam`. */
const ACTIONS_OF_MOUNT = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
/** What AWS says that Session Manager's agent needs: of AmazonSSMManagedInstanceCore, all that a session takes. */
const ACTIONS_OF_SESSION_MANAGER = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];

const facts = {
  orgName: "demo",
  clusterUuid: "8d2ff5b8-8e8c-4d3a-9a57-0d8fd1d5e2a1",
  region: "us-east-1",
  accountId: "123456789012",
  partition: "aws",
  dnsSuffix: "amazonaws.com",
  tableArn: "arn:table",
  keyArn: "arn:key",
  logBucketArn: "arn:logs",
  fileSystemArn: "arn:fs",
  accessPointArns: ["arn:shared", "arn:agents"],
  sourceBuckets: ["acme-models"],
  gitCredentials: ["github"],
  jobRoleArn: "arn:aws:iam::123456789012:role/jobs",
  autoscalingGroups: ["muster-alpha-8d2ff5b8"],
};

/** The SDK's calls that the agent's sources import: commands, paginators, and the uploader. */
function callsOfAgent(): string[] {
  const files = readdirSync(AGENT, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const names = files.flatMap((file) => {
    const source = readFileSync(path.join(AGENT, file), "utf8");
    const imports = [...source.matchAll(/import \{([^}]*)\} from "@aws-sdk\//g)];
    // An SDK that is loaded late has its commands behind a name.
    const late = [...source.matchAll(/\bsdk\.(\w+)/g)].map(([, name = ""]) => name);
    return [...imports.flatMap(([, list = ""]) => list.split(",").map((name) => name.trim())), ...late];
  });
  return [...new Set(names)].filter((name) => /Command$|^(?:paginate|waitUntil)|^Upload$/.test(name)).sort();
}

test("nodes may do what their agent and Session Manager's do, and nothing else", () => {
  const calls = callsOfAgent();
  expect(calls).toEqual(Object.keys(ACTIONS_OF).sort());
  const taken = new Set([
    ...calls.flatMap((call) => ACTIONS_OF[call] ?? []),
    ...ACTIONS_OF_MOUNT,
    ...ACTIONS_OF_SESSION_MANAGER,
  ]);
  const allowed = new Set(nodePolicy(facts).flatMap(({ Action }) => Action));
  expect([...allowed].sort()).toEqual([...taken].sort());
});

test("all that a node does in the table is bound to its own cluster's partition, and it scans nothing", () => {
  const ofTable = nodePolicy(facts).filter(({ Action }) =>
    [Action].flat().some((name) => name.startsWith("dynamodb:")),
  );
  for (const { Condition } of ofTable)
    expect(Condition).toMatchObject({
      "ForAllValues:StringEquals": {
        "dynamodb:LeadingKeys": [`CLUSTER#${facts.clusterUuid}`, `USAGE#${facts.clusterUuid}`],
      },
      Null: { "dynamodb:LeadingKeys": "false" },
    });
  expect(ofTable.flatMap(({ Action }) => Action)).not.toContain("dynamodb:Scan");
});

test("of sources it reads its own packed folders, the buckets and the Git credentials that are listed, and no more", () => {
  const resourcesOf = (statements: ReturnType<typeof nodePolicy>, action: string) =>
    statements.filter(({ Action }) => [Action].flat().includes(action)).flatMap(({ Resource }) => Resource);
  const own = [`arn:logs/logs/${facts.clusterUuid}/*`, `arn:logs/sources/${facts.clusterUuid}/*`];
  const secret = `arn:aws:ssm:us-east-1:123456789012:parameter/muster/demo/clusters/${facts.clusterUuid}/*`;
  const git = "arn:aws:ssm:us-east-1:123456789012:parameter/muster/demo/git-credentials/github";
  const some = nodePolicy(facts);
  expect(resourcesOf(some, "s3:GetObject")).toEqual([...own, "arn:aws:s3:::acme-models/*"]);
  expect(resourcesOf(some, "s3:ListBucket")).toEqual(["arn:logs", "arn:aws:s3:::acme-models"]);
  expect(resourcesOf(some, "ssm:GetParameter")).toEqual([secret, git]);
  const contexts = some.flatMap(({ Condition = {} }) => Object.values(Condition["StringLike"] ?? {}).flat());
  expect(contexts.sort()).toEqual([secret, git, `logs/${facts.clusterUuid}/*`].sort());
  const none = nodePolicy({ ...facts, sourceBuckets: [], gitCredentials: [] });
  expect(resourcesOf(none, "s3:GetObject")).toEqual(own);
  expect(resourcesOf(none, "s3:ListBucket")).toEqual(["arn:logs"]);
  expect(resourcesOf(none, "ssm:GetParameter")).toEqual([secret]);
});

test("it reads the consoles of its own cluster's instances alone", () => {
  const reading = nodePolicy(facts).filter(({ Action }) =>
    [Action].flat().some((action) => action.startsWith("ec2:")),
  );
  expect(reading).toEqual([
    expect.objectContaining({
      Action: ["ec2:GetConsoleOutput"],
      Resource: ["arn:aws:ec2:us-east-1:123456789012:instance/*"],
      Condition: { StringEquals: { "aws:ResourceTag/muster:cluster": facts.clusterUuid } },
    }),
  ]);
});

test("it assumes the cluster's job role, and no other", () => {
  const assumed = (some: typeof facts | (Omit<typeof facts, "jobRoleArn"> & { jobRoleArn: undefined })) =>
    nodePolicy(some).filter(({ Action }) => [Action].flat().some((action) => action.startsWith("sts:")));
  expect(assumed(facts)).toEqual([
    {
      Sid: "OwnJobRole",
      Effect: "Allow",
      Action: ["sts:AssumeRole"],
      Resource: ["arn:aws:iam::123456789012:role/jobs"],
    },
  ]);
  expect(assumed({ ...facts, jobRoleArn: undefined })).toEqual([]);
});

test("all that a node does in the log bucket is bound to its own cluster's prefix", () => {
  const ofBucket = nodePolicy({ ...facts, sourceBuckets: [] }).filter(({ Action }) =>
    [Action].flat().some((name) => name.startsWith("s3:")),
  );
  for (const { Action, Resource, Condition } of ofBucket) {
    const isList = [Action].flat().includes("s3:ListBucket");
    expect({ Resource, Condition }).toEqual(
      isList
        ? {
            Resource: ["arn:logs"],
            Condition: { StringLike: { "s3:prefix": `logs/${facts.clusterUuid}/*` } },
          }
        : { Resource: [expect.stringMatching(`^arn:logs/(logs|sources)/${facts.clusterUuid}/\\*$`)] },
    );
  }
  expect(ofBucket).toHaveLength(3);
});
