import { FlowLog } from "@cdktf/provider-aws/lib/flow-log/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { PolicyStatement } from "./policy.js";

/** The folder of the log bucket that AWS writes them to. */
export const FLOW_LOG_PREFIX = "AWSLogs";

export interface FlowLogsProps {
  /** The Name tag. */
  readonly name: string;
  readonly vpcId: string;
  readonly bucketArn: string;
  /** What lets AWS write into the bucket. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * What the network refuses, in the log bucket: a flow log of rejected traffic. That of ranks with each other is not in it: it would
 * be most of the log, and of its price.
 */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, { name, vpcId, bucketArn, after }: FlowLogsProps) {
    super(scope, id);
    new FlowLog(this, "flow-log", {
      vpcId,
      trafficType: "REJECT",
      logDestinationType: "s3",
      logDestination: bucketArn,
      tags: { Name: name },
      dependsOn: [...after],
    });
  }
}

/** AWS's service that writes flow logs, and whose: only this account's, in this region. */
export interface LogDelivery {
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
}

const SERVICE = { Service: "delivery.logs.amazonaws.com" };

const ofThisAccount = ({ accountId, partition, region }: LogDelivery) => ({
  StringEquals: { "aws:SourceAccount": accountId },
  ArnLike: { "aws:SourceArn": `arn:${partition}:logs:${region}:${accountId}:*` },
});

/**
 * What the bucket's policy must allow. Were it missing, AWS would add it by itself, and each plan would take it away again. Pure.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
 */
export function deliveryStatements(bucketArn: string, delivery: LogDelivery): PolicyStatement[] {
  const condition = ofThisAccount(delivery);
  return [
    {
      Sid: "FlowLogs",
      Effect: "Allow",
      Principal: SERVICE,
      Action: "s3:PutObject",
      Resource: `${bucketArn}/${FLOW_LOG_PREFIX}/${delivery.accountId}/*`,
      Condition: condition,
    },
    {
      Sid: "FlowLogsAcl",
      Effect: "Allow",
      Principal: SERVICE,
      Action: "s3:GetBucketAcl",
      Resource: bucketArn,
      Condition: condition,
    },
  ];
}

/** What the key's policy must allow, for a bucket that is encrypted with it. Pure. */
export const deliveryKeyStatement = (delivery: LogDelivery): PolicyStatement => ({
  Sid: "FlowLogs",
  Effect: "Allow",
  Principal: SERVICE,
  Action: ["kms:Decrypt", "kms:GenerateDataKey"],
  Resource: "*",
  Condition: ofThisAccount(delivery),
});
