import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { Construct } from "constructs";
import { kmsAliasName } from "../../agent/contract/names.js";
import { deliveryKeyStatement, type LogDelivery } from "./flow-logs.js";
import { type PolicyStatement, renderPolicy } from "./policy.js";

export interface OrgKeyProps {
  readonly orgName: string;
  /** Whose key it is; its log delivery may encrypt with it. */
  readonly account: LogDelivery;
}

/**
 * The KMS key under which the org's files, logs, registry and secrets are stored, rotated yearly, with the alias that
 * follows from the org's name. Its policy is AWS's default, by which IAM in this account decides who may use the key, and lets AWS
 * deliver flow logs.
 * Destroy schedules it for deletion in 7 days, the shortest wait AWS allows; until then it can be cancelled.
 */
export class OrgKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: OrgKeyProps) {
    super(scope, id);
    const name = `muster-${props.orgName}`;
    const key = new KmsKey(this, "key", {
      description: `Muster org ${props.orgName}: files, logs, registry, secrets`,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
      policy: renderPolicy([byIam(props.account), deliveryKeyStatement(props.account)]),
      tags: { Name: name },
    });
    new KmsAlias(this, "alias", { name: kmsAliasName(props.orgName), targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}

/**
 * Without it, the key could never be managed again.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
const byIam = ({ accountId, partition }: LogDelivery): PolicyStatement => ({
  Sid: "ByIam",
  Effect: "Allow",
  Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
  Action: "kms:*",
  Resource: "*",
});
