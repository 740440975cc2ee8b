import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { MusterJobDefinitionResource } from "../../provider/bindings/index.js";
import type { JobDefinitionDeclaration } from "../config/job-definition-files.js";

export type JobDefinitionProps = JobDefinitionDeclaration & {
  readonly clusterUuid: string;
  /** Resources that must exist before its jobs can run, and until they have been cancelled: the cluster's fleet. */
  readonly after: readonly ITerraformDependable[];
};

/** A job that Terraform stores on a cluster; by default deploy submits it whenever it is new or changed. */
export class JobDefinition extends Construct {
  readonly definition: MusterJobDefinitionResource;

  constructor(scope: Construct, id: string, props: JobDefinitionProps) {
    super(scope, id);
    const { timeoutMinutes, jobTimeoutMinutes, setup, retries, schedule, after, ...rest } = props;
    this.definition = new MusterJobDefinitionResource(this, "definition", {
      ...rest,
      timeout: minutes(timeoutMinutes),
      jobTimeout: minutes(jobTimeoutMinutes),
      setup: setup && { command: setup.command, timeout: minutes(setup.timeoutMinutes) },
      retries: retries && { count: retries.count, delay: seconds(retries.delaySeconds), on: retries.on },
      schedule: schedule && scheduleOf(schedule),
      dependsOn: [...after],
    });
  }
}

/** As Terraform has it. */
function scheduleOf({
  startingDeadlineMinutes,
  ...schedule
}: NonNullable<JobDefinitionDeclaration["schedule"]>) {
  return { ...schedule, startingDeadline: minutes(startingDeadlineMinutes) };
}

const minutes = (count: number | undefined) => (count === undefined ? undefined : `${count}m`);
const seconds = (count: number | undefined) => (count === undefined ? undefined : `${count}s`);
