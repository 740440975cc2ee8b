import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js";
import type { Construct } from "constructs";
import type { PolicyDocument } from "../../agent/contract/rights/policy.js";
import { ACCOUNT_PATH, deployPolicyName } from "../../agent/contract/rights/trust.js";

interface RoleProps {
  readonly name: string;
  readonly description: string;
  /** In IAM's own words. */
  readonly trustPolicy: object;
  readonly policies: readonly PolicyDocument[];
  readonly permissionsBoundaryArn?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Makes in `scope` a role that leads to an account, with policies of its own. One in each scope. */
export function roleWithPolicies(scope: Construct, props: RoleProps): IamRole {
  const { name, description, trustPolicy, policies, permissionsBoundaryArn } = props;
  const tags = { tags: { ...props.tags } };
  const role = new IamRole(scope, "role", {
    name,
    path: ACCOUNT_PATH,
    description,
    assumeRolePolicy: JSON.stringify(trustPolicy),
    ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: permissionsBoundaryArn }),
    ...tags,
  });
  for (const [index, document] of policies.entries()) {
    const policy = new IamPolicy(scope, `policy-${index + 1}`, {
      name: deployPolicyName(name, index + 1),
      path: ACCOUNT_PATH,
      description,
      policy: JSON.stringify(document),
      ...tags,
    });
    new IamRolePolicyAttachment(scope, `attachment-${index + 1}`, {
      role: role.name,
      policyArn: policy.arn,
    });
  }
  return role;
}
