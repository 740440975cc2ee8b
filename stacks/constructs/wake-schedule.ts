import { AutoscalingSchedule } from "@cdktf/provider-aws/lib/autoscaling-schedule/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { WakeTime } from "./wake-time.js";

export interface WakeScheduleProps {
  readonly autoscalingGroup: string;
  /** What the group has while it is not parked: the fleet's size. */
  readonly nodes: number;
  /** The job definition's name. */
  readonly definition: string;
  readonly time: WakeTime;
  /** What owns the group's size, the cluster's fleet: this goes before it, so that no schedule fills a group that is drained. */
  readonly after: readonly ITerraformDependable[];
}

/** The group's own value stays. */
const UNCHANGED = -1;

/**
 * Starts a parked cluster's nodes before a job definition's slots. It asks for as many nodes as the fleet does, so where they run
 * already it changes nothing; bounds of the group stay as the fleet has set them.
 */
export class WakeSchedule extends Construct {
  constructor(scope: Construct, id: string, props: WakeScheduleProps) {
    super(scope, id);
    const { autoscalingGroup, nodes, definition, time, after } = props;
    new AutoscalingSchedule(this, "schedule", {
      autoscalingGroupName: autoscalingGroup,
      scheduledActionName: `wake-for-${definition}`,
      desiredCapacity: nodes,
      minSize: UNCHANGED,
      maxSize: UNCHANGED,
      ...time,
      dependsOn: [...after],
    });
  }
}
