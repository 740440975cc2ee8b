import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { MusterJobDefinitionResource } from "../../provider/bindings/index.js";
import type { JobDefinitionDeclaration } from "../config/job-definition-files.js";

export interface JobDefinitionProps extends JobDefinitionDeclaration {
  readonly clusterUuid: string;
  /** Resources that must exist before its jobs can run, and until they have been cancelled: the cluster's fleet. */
  readonly after: readonly ITerraformDependable[];
}

/** A job that Terraform stores on a cluster; by default deploy submits it whenever it is new or changed. */
export class JobDefinition extends Construct {
  readonly definition: MusterJobDefinitionResource;

  constructor(scope: Construct, id: string, props: JobDefinitionProps) {
    super(scope, id);
    const { timeoutMinutes, after, processes, script, ...rest } = props;
    this.definition = new MusterJobDefinitionResource(this, "definition", {
      ...rest,
      ...(processes === undefined ? {} : { processes }),
      ...(script === undefined ? {} : { script }),
      timeout: `${timeoutMinutes}m`,
      dependsOn: [...after],
    });
  }
}
