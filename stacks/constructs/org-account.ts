import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import { Construct } from "constructs";

/** The account that the stack is deployed into, as references. */
export class OrgAccount extends Construct {
  readonly accountId: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.accountId = new DataAwsCallerIdentity(this, "caller", {}).accountId;
    this.partition = new DataAwsPartition(this, "partition", {}).partition;
  }
}
