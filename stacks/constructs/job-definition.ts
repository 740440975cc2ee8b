import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { MusterJobResource } from "../../provider/bindings/index.js";
import type { JobDeclaration } from "../config/job-definition-files.js";

export interface MpiJobProps extends JobDeclaration {
  readonly clusterUuid: string;
  /** What must be there before it can run, and until it has been cancelled: the cluster's fleet. */
  readonly after: readonly ITerraformDependable[];
}

/** A Python job that Terraform keeps on a cluster; by default it is run whenever it is new or changed. */
export class MpiJob extends Construct {
  readonly job: MusterJobResource;

  constructor(scope: Construct, id: string, props: MpiJobProps) {
    super(scope, id);
    const { timeoutMinutes, after, processes, script, ...rest } = props;
    this.job = new MusterJobResource(this, "job", {
      ...rest,
      ...(processes === undefined ? {} : { processes }),
      ...(script === undefined ? {} : { script }),
      timeout: `${timeoutMinutes}m`,
      dependsOn: [...after],
    });
  }
}
