import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { mountStatement } from "./node-policy.js";
import { renderPolicy } from "./policy.js";

export interface HomeAccessProps {
  /** The notebook's name. */
  readonly notebook: string;
  /** The IAM role of the nodes of the cluster that it is attached to. */
  readonly nodeRoleName: string;
  readonly fileSystemArn: string;
  /** Of the home's access point. */
  readonly homeArn: string;
}

/** Lets the nodes of a notebook's cluster mount its home, where MPI kernels run with it. It goes with the notebook, and moves with it. */
export class HomeAccess extends Construct {
  /** What must exist before the notebook is ready, and until it is gone. */
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: HomeAccessProps) {
    super(scope, id);
    const { notebook, nodeRoleName, fileSystemArn, homeArn } = props;
    this.dependables = [
      new IamRolePolicy(this, "policy", {
        name: `notebook-${notebook}`,
        role: nodeRoleName,
        policy: renderPolicy([mountStatement("NotebookHome", fileSystemArn, [homeArn])]),
      }),
    ];
  }
}
