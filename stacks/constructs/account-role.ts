import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js";
import { Construct } from "constructs";
import { rolePolicies } from "../../agent/contract/rights/policy.js";
import {
  ACCOUNT_PATH,
  deployPolicyName,
  deployRoleName,
  isPrincipal,
  principalArn,
  trustPolicy,
} from "../../agent/contract/rights/trust.js";
import { EXTERNAL_ID_PATTERN } from "../config/account.js";

export interface AccountRoleProps {
  readonly orgName: string;
  readonly region: string;
  /** The account that the role is in: 12 digits. */
  readonly accountId: string;
  /** Who may assume the role: the ARN of a role or user, or an account's id. */
  readonly principal: string;
  /** The external id of muster.yaml (`account.externalId`); `muster account trust` makes one. */
  readonly externalId: string;
  /** @default deploy-ORG-REGION */
  readonly roleName?: string;
  /**
   * The ARN of a policy that limits the role, and each role that it makes, whatever their policies allow: muster.yaml names it too
   * (`account.permissionsBoundaryArn`).
   * @default none
   */
  readonly permissionsBoundaryArn?: string;
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * The role through which a pipeline of another account deploys an org and works on it: its trust policy asks for the external id, and its policies
 * allow what Muster calls, and no more (see docs/reference/permissions.md). It does not carry the org's tag, so it stays when the org goes.
 */
export class AccountRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, props: AccountRoleProps) {
    super(scope, id);
    refuseProblems(props);
    const { orgName: org, region, accountId, principal, externalId, permissionsBoundaryArn } = props;
    const tags = { tags: { ...props.tags } };
    const name = props.roleName ?? deployRoleName({ org, region });
    const description = `Deploys the Muster org ${org} in ${region} and works on it`;
    const role = new IamRole(this, "role", {
      name,
      path: ACCOUNT_PATH,
      description,
      assumeRolePolicy: JSON.stringify(trustPolicy(principalArn(principal, region), externalId)),
      ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: permissionsBoundaryArn }),
      ...tags,
    });
    const boundary = permissionsBoundaryArn === undefined ? {} : { permissionsBoundaryArn };
    const place = { org, region, accountId, ...boundary };
    for (const [index, document] of rolePolicies(place).entries()) {
      const policy = new IamPolicy(this, `policy-${index + 1}`, {
        name: deployPolicyName(name, index + 1),
        path: ACCOUNT_PATH,
        description,
        policy: JSON.stringify(document),
        ...tags,
      });
      new IamRolePolicyAttachment(this, `attachment-${index + 1}`, {
        role: role.name,
        policyArn: policy.arn,
      });
    }
    this.roleArn = role.arn;
  }
}

function refuseProblems({ accountId, principal, externalId }: AccountRoleProps): void {
  const problems = [
    ...(/^\d{12}$/.test(accountId) ? [] : [`accountId is "${accountId}"; allowed: 12 digits`]),
    ...(isPrincipal(principal)
      ? []
      : [`principal is "${principal}"; allowed: the ARN of a role or user, or an account's id`]),
    ...(new RegExp(EXTERNAL_ID_PATTERN).test(externalId)
      ? []
      : [`externalId is "${externalId}"; allowed: 2-1224 letters, digits and _+=,.@:/-`]),
  ];
  if (problems.length > 0) throw new Error(problems.join("; "));
}
