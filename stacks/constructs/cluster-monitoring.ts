import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js";
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
import { Construct } from "constructs";
import type { AlarmSettings, MonitoringSettings } from "../config/fleet-options.js";
import { type MonitoredCluster, renderDashboard } from "./dashboard.js";

/** What the Auto Scaling group must publish for it; that costs nothing. */
export const GROUP_METRICS = {
  metricsGranularity: "1Minute",
  enabledMetrics: ["GroupDesiredCapacity", "GroupInServiceInstances"],
};

export interface ClusterMonitoringProps extends MonitoredCluster {
  readonly settings: MonitoringSettings;
  readonly tags: Readonly<Record<string, string>>;
}

const MINUTE_SECONDS = 60;
const IO_LIMIT_PERCENT = 95;

/**
 * CloudWatch's view of a cluster: a dashboard, and three alarms. They use only what AWS itself publishes, so that they work also
 * while no agent does.
 */
export class ClusterMonitoring extends Construct {
  constructor(scope: Construct, id: string, props: ClusterMonitoringProps) {
    super(scope, id);
    const { settings, tags, ...cluster } = props;
    const { dashboard, alarms } = settings;
    const made = alarms === undefined ? [] : this.alarms(alarms, cluster, tags);
    if (!dashboard) return;
    new CloudwatchDashboard(this, "dashboard", {
      dashboardName: cluster.name,
      dashboardBody: renderDashboard(
        cluster,
        made.map(({ arn }) => arn),
      ),
    });
  }

  private alarms(
    { afterMinutes, notify }: AlarmSettings,
    { name, group, table, fileSystemId }: MonitoredCluster,
    tags: Readonly<Record<string, string>>,
  ): CloudwatchMetricAlarm[] {
    const alarm = (
      part: string,
      config: Omit<CloudwatchMetricAlarmConfig, "alarmName" | "comparisonOperator">,
    ) =>
      new CloudwatchMetricAlarm(this, part, {
        alarmName: `${name}-${part}`,
        comparisonOperator: "GreaterThanThreshold",
        // A group, a table and a file system that are not used publish nothing.
        treatMissingData: "notBreaching",
        alarmActions: [...notify],
        okActions: [...notify],
        tags: { ...tags },
        ...config,
      });
    const sum = (id: string, namespace: string, metricName: string, dimensions: Record<string, string>) => ({
      id,
      returnData: false,
      metric: { namespace, metricName, dimensions, period: MINUTE_SECONDS, stat: "Sum" },
    });
    const inGroup = (id: string, metricName: string) =>
      sum(id, "AWS/AutoScaling", metricName, { AutoScalingGroupName: group });
    const ofTable = (id: string, metricName: string) =>
      sum(id, "AWS/DynamoDB", metricName, { TableName: table });
    return [
      alarm("nodes-missing", {
        alarmDescription: `The Auto Scaling group has had fewer nodes in service than it wants for ${afterMinutes} minutes. muster cluster show says what it waits for.`,
        threshold: 0,
        evaluationPeriods: afterMinutes,
        metricQuery: [
          inGroup("wanted", "GroupDesiredCapacity"),
          inGroup("present", "GroupInServiceInstances"),
          { id: "missing", expression: "wanted - present", label: "nodes missing", returnData: true },
        ],
      }),
      alarm("registry-throttled", {
        alarmDescription:
          "DynamoDB has refused reads or writes of the registry for 5 minutes, because there were too many. Clusters run on, but changes come late.",
        threshold: 0,
        evaluationPeriods: 5,
        metricQuery: [
          ofTable("reads", "ReadThrottleEvents"),
          ofTable("writes", "WriteThrottleEvents"),
          {
            id: "throttled",
            expression: "FILL(reads, 0) + FILL(writes, 0)",
            label: "throttled requests",
            returnData: true,
          },
        ],
      }),
      alarm("file-system-at-limit", {
        alarmDescription: `The org's file system has been at ${IO_LIMIT_PERCENT} % of EFS's limit of operations for ${afterMinutes} minutes: /shared is slow.`,
        namespace: "AWS/EFS",
        metricName: "PercentIOLimit",
        dimensions: { FileSystemId: fileSystemId },
        statistic: "Maximum",
        period: MINUTE_SECONDS,
        threshold: IO_LIMIT_PERCENT,
        evaluationPeriods: afterMinutes,
      }),
    ];
  }
}
