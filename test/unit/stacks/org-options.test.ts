import { describe, expect, test } from "@jest/globals";
import { synthesise } from "../../support/stacks/synth.js";

function orgStack(more = "") {
  const stack = synthesise(`org: {name: demo, region: us-east-1${more}}\n`)["muster_demo"];
  if (stack === undefined) throw new Error("no org stack");
  return stack;
}
const own = orgStack();
function statements(policy: string): Record<string, Record<string, unknown>> {
  const { Statement } = JSON.parse(policy) as { Statement: { Sid: string }[] };
  return Object.fromEntries(Statement.map((statement) => [statement.Sid, { ...statement }]));
}

describe("flow logs", () => {
  test("what the network refuses goes to the log bucket, once AWS may write there", () => {
    expect(own.only("aws_flow_log")).toMatchObject({
      traffic_type: "REJECT",
      log_destination_type: "s3",
      log_destination: expect.stringMatching(/^\$\{aws_s3_bucket\.[^}]*\.arn\}$/),
      vpc_id: expect.stringContaining("aws_vpc."),
      tags: { Name: "muster-demo" },
      depends_on: [expect.stringContaining("aws_s3_bucket_policy.")],
    });
  });

  test("only this account's log delivery may write, only there, and use the key for it", () => {
    const only = {
      StringEquals: { "aws:SourceAccount": expect.stringContaining("account_id") },
      ArnLike: { "aws:SourceArn": expect.stringMatching(/:logs:us-east-1:.*:\*$/) },
    };
    const bucket = statements(own.only("aws_s3_bucket_policy")["policy"]);
    expect(bucket["FlowLogs"]).toMatchObject({
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: expect.stringMatching(/\/AWSLogs\/.*\/\*$/),
      Condition: only,
    });
    expect(bucket["FlowLogsAcl"]).toMatchObject({ Action: "s3:GetBucketAcl", Condition: only });
    expect(statements(own.only("aws_kms_key")["policy"])["FlowLogs"]).toMatchObject({
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Condition: only,
    });
  });
});

test("the key's policy says that the account's IAM decides, as AWS's default does", () => {
  const { ByIam, ...others } = statements(own.only("aws_kms_key")["policy"]);
  expect(ByIam).toMatchObject({
    Effect: "Allow",
    Principal: { AWS: expect.stringMatching(/^arn:.*:iam::.*:root$/) },
    Action: "kms:*",
  });
  expect(Object.keys(others)).toEqual(["FlowLogs"]);
});

describe("logs", () => {
  test("stay, and nobody keeps an account of who reads them, unless the org asks", () => {
    expect(own.all("aws_s3_bucket_lifecycle_configuration")).toEqual([]);
    expect(own.all("aws_s3_bucket_logging")).toEqual([]);
  });

  test("expire, with their old versions, after as many days; packed sources stay", () => {
    const stack = orgStack(", logs: {expireAfterDays: 90}");
    const { rule } = stack.only("aws_s3_bucket_lifecycle_configuration") as {
      rule: Record<string, unknown>[];
    };
    const expiring = rule.filter((one) => "expiration" in one);
    expect(expiring.map(({ filter }) => filter)).toEqual([[{ prefix: "logs/" }], [{ prefix: "AWSLogs/" }]]);
    for (const one of expiring) {
      expect(one).toMatchObject({
        status: "Enabled",
        expiration: [{ days: 90 }],
        noncurrent_version_expiration: [{ noncurrent_days: 1 }],
      });
    }
    expect(rule).toContainEqual({
      id: "end-incomplete-uploads",
      status: "Enabled",
      filter: [{ prefix: "" }],
      abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
    });
  });

  test("are accounted for in the company's bucket", () => {
    const stack = orgStack(", logs: {accessLogBucket: acme-access}");
    expect(stack.only("aws_s3_bucket_logging")).toMatchObject({
      target_bucket: "acme-access",
      target_prefix: "muster-demo-logs/",
    });
  });
});

describe("a network that exists", () => {
  const network = (more = "") =>
    orgStack(
      `, network: {vpcId: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]${more}}`,
    );
  const stack = network();

  test("gets nothing but security groups and mount targets", () => {
    const ours = ["aws_vpc", "aws_subnet", "aws_nat_gateway", "aws_eip", "aws_route_table", "aws_route"];
    const more = ["aws_internet_gateway", "aws_default_security_group", "aws_vpc_endpoint", "aws_flow_log"];
    for (const type of [...ours, ...more]) {
      expect(stack.all(type)).toEqual([]);
      if (type !== "aws_vpc_endpoint") expect(own.all(type)).not.toEqual([]);
    }
    for (const group of stack.all("aws_security_group"))
      expect(group["vpc_id"]).toBe("vpc-0123456789abcdef0");
    expect(stack.all("aws_efs_mount_target").map(({ subnet_id }) => subnet_id)).toEqual([
      expect.stringContaining("data.aws_subnet.network_subnet-1"),
      expect.stringContaining("data.aws_subnet.network_subnet-2"),
    ]);
    expect(stack.json.output["vpc_id"]).toMatchObject({ value: "vpc-0123456789abcdef0" });
  });

  test("is checked by the plan: subnets of the VPC, in two zones", () => {
    const [first, second] = Object.values(stack.json.data["aws_subnet"] ?? {});
    const ofVpc = {
      condition: `\${self.vpc_id == "vpc-0123456789abcdef0"}`,
      error_message: expect.stringContaining("is not in"),
    };
    expect(first?.["lifecycle"]).toEqual({ postcondition: [ofVpc] });
    expect(second?.["lifecycle"]).toEqual({
      postcondition: [
        ofVpc,
        {
          condition: expect.stringMatching(
            /^\$\{self\.availability_zone != data\.aws_subnet\.network_subnet-1\w*\.availability_zone\}$/,
          ),
          error_message: expect.stringContaining("one availability zone"),
        },
      ],
    });
  });

  test("gets gateway endpoints for the route tables that are named", () => {
    const endpoints = network(", endpointRouteTableIds: [rtb-0123456789abcdef0]").all("aws_vpc_endpoint");
    expect(endpoints.map(({ service_name }) => service_name)).toEqual([
      "com.amazonaws.us-east-1.dynamodb",
      "com.amazonaws.us-east-1.s3",
    ]);
    for (const { route_table_ids } of endpoints) expect(route_table_ids).toEqual(["rtb-0123456789abcdef0"]);
  });

  test("may have one subnet, which then is all that clusters use", () => {
    const single = orgStack(
      ", network: {vpcId: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0]}",
    );
    expect(single.all("aws_efs_mount_target")).toHaveLength(1);
  });
});
