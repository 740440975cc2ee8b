import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { StateSettings } from "./config/state.js";
import { AccountRole, type AccountRoleProps } from "./constructs/account-role.js";
import { keepState } from "./state-backend.js";

export interface AccountStackProps extends AccountRoleProps {
  readonly state: StateSettings;
}

/**
 * The role that leads to an org's account, deployed once with the account's own credentials. Its output `role_arn` is account.roleArn of
 * muster.yaml. It outlives the org: destroy it last.
 */
export class AccountStack extends TerraformStack {
  readonly role: AccountRole;

  constructor(scope: Construct, id: string, { state, ...props }: AccountStackProps) {
    super(scope, id);
    keepState(this, state, `${props.orgName}/account`);
    new AwsProvider(this, "aws", { region: props.region, allowedAccountIds: [props.accountId] });
    this.role = new AccountRole(this, "account", props);
    new TerraformOutput(this, "role_arn", { value: this.role.roleArn, staticId: true });
  }
}
