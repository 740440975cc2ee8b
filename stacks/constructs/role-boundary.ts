import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { Aspects, type TerraformStack } from "cdktf";

/**
 * Gives each role of a stack the permissions boundary: the deploy role's policy allows no role without it. One that a construct has
 * given itself stays.
 */
export function limitRoles(stack: TerraformStack, permissionsBoundaryArn: string | undefined): void {
  if (permissionsBoundaryArn === undefined) return;
  Aspects.of(stack).add({
    visit(node) {
      if (node instanceof IamRole && node.permissionsBoundaryInput === undefined)
        node.permissionsBoundary = permissionsBoundaryArn;
    },
  });
}
