import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { StateSettings } from "./config/state.js";
import { AccountRole, type AccountRoleProps } from "./constructs/account-role.js";
import { PipelineRoles, type PipelineSettings } from "./constructs/pipeline-roles.js";
import { keepState } from "./state-backend.js";

export interface AccountStackProps extends Omit<AccountRoleProps, "principal" | "externalId" | "roleName"> {
  readonly state: StateSettings;
  /**
   * Who may assume the role that leads into the account from another: the ARN of a role or user, or an account's id.
   * @default there is no such role
   */
  readonly principal?: string;
  /** Needed with `principal`: the external id of muster.yaml (`account.externalId`). */
  readonly externalId?: string;
  /** @default deploy-ORG-REGION */
  readonly roleName?: string;
  /**
   * The pipeline on GitHub or GitLab whose jobs get roles for their tokens.
   * @default there are no such roles
   */
  readonly pipeline?: PipelineSettings;
}

/**
 * The roles that lead to an org's account, deployed once with the account's own credentials: for `principal` of another account, for a `pipeline`, or
 * for both. The output `role_arn` is account.roleArn of muster.yaml; `pipeline_deploy_role_arn` and `pipeline_plan_role_arn` are the pipeline's
 * variables. It outlives the org: destroy it last.
 */
export class AccountStack extends TerraformStack {
  /** Undefined without `principal`. */
  readonly role: AccountRole | undefined;
  /** Undefined without `pipeline`. */
  readonly pipelineRoles: PipelineRoles | undefined;

  constructor(scope: Construct, id: string, props: AccountStackProps) {
    super(scope, id);
    const { state, principal, externalId, roleName, pipeline, ...common } = props;
    refuseProblems(props);
    keepState(this, state, `${props.orgName}/account`);
    new AwsProvider(this, "aws", { region: props.region, allowedAccountIds: [props.accountId] });
    if (principal !== undefined) {
      const named = roleName === undefined ? {} : { roleName };
      this.role = new AccountRole(this, "account", {
        ...{ ...common, ...named, principal, externalId: externalId ?? "" },
      });
      this.output("role_arn", this.role.roleArn);
    }
    if (pipeline !== undefined) {
      this.pipelineRoles = new PipelineRoles(this, "pipeline", { ...common, pipeline, state });
      this.output("pipeline_deploy_role_arn", this.pipelineRoles.deployRoleArn);
      this.output("pipeline_plan_role_arn", this.pipelineRoles.planRoleArn);
    }
  }

  private output(id: string, value: string): void {
    new TerraformOutput(this, id, { value, staticId: true });
  }
}

function refuseProblems({ principal, externalId, roleName, pipeline }: AccountStackProps): void {
  if (principal === undefined && pipeline === undefined)
    throw new Error("there is neither principal nor pipeline: give who gets a role");
  const alone = Object.entries({ externalId, roleName }).filter(([, value]) => value !== undefined);
  if (principal === undefined && alone.length > 0)
    throw new Error(
      alone.map(([name, value]) => `${name} is "${value}"; allowed: only with principal`).join("; "),
    );
}
