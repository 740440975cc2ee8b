/** What of a cluster CloudWatch shows. Each value may be a Terraform reference. */
export interface MonitoredCluster {
  /** The dashboard's, and the beginning of the alarms'. */
  readonly name: string;
  readonly region: string;
  /** The Auto Scaling group. */
  readonly group: string;
  /** The registry's table. */
  readonly table: string;
  readonly fileSystemId: string;
}

type Metric = readonly [namespace: string, name: string, dimension: string, value: string, options?: object];

/** CloudWatch's grid is 24 wide. */
const WIDTH = 12;
const HEIGHT = 6;

/**
 * The dashboard's JSON: nodes, their work, the registry and the file system; and the alarms, where there are any. Pure.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function renderDashboard(
  { region, group, table, fileSystemId }: MonitoredCluster,
  alarmArns: readonly string[],
): string {
  const inGroup = (namespace: string, name: string, stat: string): Metric => [
    ...([namespace, name, "AutoScalingGroupName", group] as const),
    { stat },
  ];
  const ofTable = (name: string): Metric => ["AWS/DynamoDB", name, "TableName", table, { stat: "Sum" }];
  const ofFiles = (name: string, stat: string): Metric => [
    ...(["AWS/EFS", name, "FileSystemId", fileSystemId] as const),
    { stat },
  ];
  const charts: readonly [title: string, metrics: readonly Metric[]][] = [
    [
      "Nodes: wanted, and in service",
      ["GroupDesiredCapacity", "GroupInServiceInstances"].map((name) =>
        inGroup("AWS/AutoScaling", name, "Maximum"),
      ),
    ],
    ["Nodes' CPU (%)", ["Average", "Maximum"].map((stat) => inGroup("AWS/EC2", "CPUUtilization", stat))],
    ["Nodes' network (bytes)", ["NetworkIn", "NetworkOut"].map((name) => inGroup("AWS/EC2", name, "Sum"))],
    [
      "Registry: used, and throttled",
      [
        ...["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"],
        ...["ReadThrottleEvents", "WriteThrottleEvents"],
      ].map(ofTable),
    ],
    ["File system (bytes)", ["DataReadIOBytes", "DataWriteIOBytes"].map((name) => ofFiles(name, "Sum"))],
    ["File system: of its limit (%)", [ofFiles("PercentIOLimit", "Maximum")]],
  ];
  const widgets = charts.map(([title, metrics], index) => ({
    type: "metric",
    ...{ x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, width: WIDTH, height: HEIGHT },
    properties: { title, region, view: "timeSeries", period: 60, metrics },
  }));
  const alarms = {
    type: "alarm",
    ...{ x: 0, y: Math.ceil(charts.length / 2) * HEIGHT, width: 2 * WIDTH, height: 3 },
    properties: { title: "Alarms", alarms: alarmArns },
  };
  return JSON.stringify({ widgets: alarmArns.length === 0 ? widgets : [...widgets, alarms] });
}
