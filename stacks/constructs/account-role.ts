import { Construct } from "constructs";
import { rolePolicies } from "../../agent/contract/rights/policy.js";
import { deployRoleName, isPrincipal, principalArn, trustPolicy } from "../../agent/contract/rights/trust.js";
import { EXTERNAL_ID_PATTERN } from "../config/account.js";
import { roleWithPolicies } from "./role-with-policies.js";

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
    const role = roleWithPolicies(this, {
      name: props.roleName ?? deployRoleName({ org, region }),
      description: `Deploys the Muster org ${org} in ${region} and works on it`,
      trustPolicy: trustPolicy(principalArn(principal, region), externalId),
      policies: rolePolicies({
        ...{ org, region, accountId },
        ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundaryArn }),
      }),
      permissionsBoundaryArn,
      tags: props.tags,
    });
    this.roleArn = role.arn;
  }
}

function refuseProblems({ accountId, principal, externalId }: AccountRoleProps): void {
  const problems = [
    ...accountIdProblems(accountId),
    ...(isPrincipal(principal)
      ? []
      : [`principal is "${principal}"; allowed: the ARN of a role or user, or an account's id`]),
    ...(new RegExp(EXTERNAL_ID_PATTERN).test(externalId)
      ? []
      : [`externalId is "${externalId}"; allowed: 2-1224 letters, digits and _+=,.@:/-`]),
  ];
  if (problems.length > 0) throw new Error(problems.join("; "));
}

/** What is wrong with an account's id. Pure. */
export const accountIdProblems = (accountId: string): readonly string[] =>
  /^\d{12}$/.test(accountId) ? [] : [`accountId is "${accountId}"; allowed: 12 digits`];
