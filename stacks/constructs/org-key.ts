import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { Construct } from "constructs";
import { kmsAliasName } from "../../agent/contract/names.js";

export interface OrgKeyProps {
  readonly orgName: string;
}

/**
 * The KMS key under which the org's files, logs, registry and secrets are stored, rotated yearly, with the alias that
 * follows from the org's name. AWS's default key policy applies: IAM in this account decides who may use the key.
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
      tags: { Name: name },
    });
    new KmsAlias(this, "alias", { name: kmsAliasName(props.orgName), targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
