import { describe, expect, test } from "@jest/globals";
import { synthesise } from "../../support/stacks/synth.js";

const FILES = { "/project/setup.sh": `#!/bin/sh\necho $HOME \${x} %{y}\n` };

function clusterStack(settings: string, network = "{}") {
  const org = `org: {name: demo, region: us-east-1, network: ${network}}\n`;
  const stacks = synthesise(`${org}clusters: [{name: alpha, nodes: 4, ${settings}}]\n`, FILES);
  const stack = stacks["muster_demo_alpha"];
  if (stack === undefined) throw new Error("no cluster stack");
  return stack;
}
const plain = clusterStack("zone: 1");
const template = (settings: string) => clusterStack(settings).only("aws_launch_template");
const group = (settings: string) => clusterStack(settings).only("aws_autoscaling_group");
const subnet = (zone: number) =>
  `\${element(data.terraform_remote_state.org.outputs.private_subnet_ids, ${zone - 1})}`;
/** The agent's configuration in the user data, and the whole script. */
function userData(settings: string, network?: string) {
  const script = Object.values(clusterStack(settings, network).json.locals ?? {})[0] ?? "";
  const json = /\{\n.*?\n\}/s.exec(script)?.[0] ?? "null";
  return { script, config: JSON.parse(json) as Record<string, unknown> };
}

test("without options, nothing of them is there", () => {
  const text = JSON.stringify(plain.json).replaceAll("\\", "");
  const blocks = ["interface_type", "mixed_instances_policy", "capacity_reservation_specification", "iops"];
  const more = ["enabled_metrics", "efa", "proxy", "bootScript"];
  for (const key of [...blocks, ...more]) expect(text).not.toContain(`"${key}"`);
  expect(text).not.toMatch(/aws_cloudwatch|boot-script/);
});

describe("EFA", () => {
  const EFA = "efa: true, instanceType: c5n.18xlarge";

  test("each node has an EFA interface, in one cluster placement group and one zone", () => {
    expect(template(EFA)["network_interfaces"]).toMatchObject([
      { interface_type: "efa", network_card_index: 0 },
    ]);
    const stack = clusterStack(`${EFA}, zones: [2]`);
    expect(stack.only("aws_placement_group")).toMatchObject({ strategy: "cluster" });
    expect(stack.only("aws_autoscaling_group")).toMatchObject({ vpc_zone_identifier: [subnet(2)] });
  });

  test("the security group lets all of its members' traffic in and out by itself, which is what EFA needs", () => {
    const stack = clusterStack(EFA);
    const [own] = Object.keys(stack.json.resource["aws_security_group"] ?? {});
    const itself = `\${aws_security_group.${own}.id}`;
    const among = { security_group_id: itself, referenced_security_group_id: itself, ip_protocol: "-1" };
    expect(stack.all("aws_vpc_security_group_ingress_rule")).toEqual([expect.objectContaining(among)]);
    expect(stack.all("aws_vpc_security_group_egress_rule")).toContainEqual(expect.objectContaining(among));
  });

  test("the agents know of it, and jobs run with Intel MPI", () => {
    expect(userData(EFA).config).toMatchObject({ efa: true, runtime: "intel" });
    expect(userData("zone: 1").config).toMatchObject({ runtime: "mpich" });
    expect(userData("runtime: intel").config).not.toHaveProperty("efa");
  });

  test("where EC2 says that a type has none, the plan says which do", () => {
    const { precondition } = template(EFA)["lifecycle"];
    expect(precondition).toContainEqual({
      condition: expect.stringContaining("efa_supported"),
      error_message: expect.stringContaining("such as c5n.9xlarge, c5n.18xlarge"),
    });
  });
});

describe("Spot and several types", () => {
  test("Spot instances are all of the group's, at a price where one is given", () => {
    const distribution = (settings: string) =>
      group(settings)["mixed_instances_policy"].instances_distribution as Record<string, unknown>;
    expect(distribution("spot: true")).toEqual({
      on_demand_base_capacity: 0,
      on_demand_percentage_above_base_capacity: 0,
      on_demand_allocation_strategy: "prioritized",
      spot_allocation_strategy: "capacity-optimized-prioritized",
    });
    expect(distribution("spot: true, spotMaxPriceUsd: 0.08")).toMatchObject({ spot_max_price: "0.08" });
    expect(group("spot: true")).not.toHaveProperty("launch_template");
  });

  test("of several types the first that has capacity is taken, On-Demand", () => {
    const { launch_template, instances_distribution } = group("instanceTypes: [c5.xlarge, c5d.xlarge]")[
      "mixed_instances_policy"
    ];
    expect(launch_template.override).toEqual([
      { instance_type: "c5.xlarge" },
      { instance_type: "c5d.xlarge" },
    ]);
    expect(launch_template.launch_template_specification).toEqual({
      launch_template_id: expect.stringContaining("aws_launch_template"),
      version: expect.stringContaining("latest_version"),
    });
    expect(instances_distribution).toMatchObject({ on_demand_percentage_above_base_capacity: 100 });
    expect(instances_distribution).not.toHaveProperty("spot_allocation_strategy");
    expect(template("instanceTypes: [c5d.xlarge, c5.xlarge]")["instance_type"]).toBe("c5d.xlarge");
  });

  test("the plan fails where they have different numbers of cores, and names both", () => {
    const { precondition } = template("instanceTypes: [c5.xlarge, c5.2xlarge]")["lifecycle"];
    expect(precondition).toContainEqual({
      condition: expect.stringMatching(/^\$\{data\..*\.default_cores == data\..*\.default_cores\}$/),
      error_message: expect.stringMatching(
        /^Instance type c5\.xlarge has .* cores, and c5\.2xlarge has .*same number of cores\.$/,
      ),
    });
  });

  test("one type alone, On-Demand, is the template's", () => {
    expect(group("instanceTypes: [m5.large]")).toHaveProperty("launch_template");
    expect(group("instanceTypes: [m5.large]")).not.toHaveProperty("mixed_instances_policy");
  });
});

describe("zones", () => {
  test("in both, there is no placement group, which can't span zones", () => {
    const stack = clusterStack("zones: [1, 2]");
    expect(stack.only("aws_autoscaling_group")).toMatchObject({
      vpc_zone_identifier: [subnet(1), subnet(2)],
    });
    expect(stack.only("aws_autoscaling_group")).not.toHaveProperty("placement_group");
    expect(stack.all("aws_placement_group")).toEqual([]);
  });
});

test("a capacity reservation is the nodes' only one", () => {
  expect(
    template("capacityReservationId: cr-0123456789abcdef0")["capacity_reservation_specification"],
  ).toEqual({
    capacity_reservation_target: { capacity_reservation_id: "cr-0123456789abcdef0" },
  });
});

test.each([
  [
    "rootVolume: {iops: 6000, throughputMiBps: 500}",
    { volume_type: "gp3", iops: 6000, throughput: 500, volume_size: 30 },
  ],
  [
    "rootVolumeGiB: 64, rootVolume: {type: io2, iops: 32000}",
    { volume_type: "io2", iops: 32_000, volume_size: 64 },
  ],
])("a disk with %s", (settings, ebs) => {
  const [{ ebs: made }] = template(settings)["block_device_mappings"];
  expect(made).toEqual({ ...ebs, encrypted: "true", delete_on_termination: "true" });
});

describe("a boot script", () => {
  test("runs in the user data, bounded, before the agent starts; Terraform and the shell expand nothing in it", () => {
    const { script, config } = userData("bootScript: {file: setup.sh, timeoutMinutes: 3}");
    expect(config).toMatchObject({ bootScript: { timeoutMinutes: 3 } });
    expect(script).toContain(Buffer.from(FILES["/project/setup.sh"]).toString("base64"));
    expect(script.indexOf("timeout --kill-after=10 180 ")).toBeGreaterThan(0);
    expect(script.indexOf("timeout --kill-after=10 180 ")).toBeLessThan(script.indexOf("systemctl enable"));
  });
});

describe("a proxy", () => {
  const PROXY = 'proxy: {https: "http://proxy:3128", noProxy: [.acme.internal], jobs: true}';

  test("is the agents', without the metadata service, the nodes' names, the file system, and what has an endpoint", () => {
    expect(userData(PROXY).config["proxy"]).toEqual({
      https: "http://proxy:3128",
      jobs: true,
      noProxy: expect.arrayContaining([
        ...["169.254.169.254", "fd00:ec2::254", "127.0.0.1", ".ec2.internal", ".efs.us-east-1.amazonaws.com"],
        ...["s3.us-east-1.amazonaws.com", ".s3.us-east-1.amazonaws.com", "dynamodb.us-east-1.amazonaws.com"],
        ".acme.internal",
      ]),
    });
  });

  test("in a network that exists, S3 and DynamoDB go through it unless they have our endpoints", () => {
    const vpc = "vpcId: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0]";
    const noProxy = (network: string) => JSON.stringify(userData(PROXY, network).config["proxy"]);
    expect(noProxy(`{${vpc}}`)).not.toContain("dynamodb");
    expect(noProxy(`{${vpc}, endpointRouteTableIds: [rtb-0123456789abcdef0]}`)).toContain("dynamodb");
  });
});

describe("monitoring", () => {
  const ALARMS = "alarms: {afterMinutes: 20, notify: ['arn:aws:sns:us-east-1:123456789012:oncall']}";

  test("three alarms, on what AWS itself publishes, tell those who are named", () => {
    const stack = clusterStack(`monitoring: {${ALARMS}}`);
    const alarms = stack.all("aws_cloudwatch_metric_alarm");
    expect(alarms.map(({ alarm_name }) => alarm_name.replace(/\$\{.*\}/, "UUID"))).toEqual([
      "muster-demo-alpha-UUID-file-system-at-limit",
      "muster-demo-alpha-UUID-nodes-missing",
      "muster-demo-alpha-UUID-registry-throttled",
    ]);
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({
        treat_missing_data: "notBreaching",
        alarm_actions: ["arn:aws:sns:us-east-1:123456789012:oncall"],
        ok_actions: ["arn:aws:sns:us-east-1:123456789012:oncall"],
        tags: { "muster:org": "demo", "muster:cluster-name": "alpha" },
      });
      expect(alarm["alarm_description"].length).toBeLessThanOrEqual(1_024);
    }
    const [files, nodes, registry] = alarms;
    expect(files).toMatchObject({
      namespace: "AWS/EFS",
      metric_name: "PercentIOLimit",
      evaluation_periods: 20,
    });
    expect(nodes?.["evaluation_periods"]).toBe(20);
    const words = (alarm: object | undefined) => JSON.stringify(alarm);
    for (const word of [
      "AWS/AutoScaling",
      "GroupDesiredCapacity",
      "GroupInServiceInstances",
      "wanted - present",
    ])
      expect(words(nodes)).toContain(word);
    for (const word of ["AWS/DynamoDB", "ReadThrottleEvents", "WriteThrottleEvents", "muster-demo-registry"])
      expect(words(registry)).toContain(word);
  });

  test("the group publishes what the alarm looks at", () => {
    expect(group(`monitoring: {${ALARMS}}`)).toMatchObject({
      metrics_granularity: "1Minute",
      enabled_metrics: ["GroupDesiredCapacity", "GroupInServiceInstances"],
    });
  });

  test("a dashboard is JSON that shows nodes, registry and files, and the alarms where there are any", () => {
    const body = (settings: string) =>
      JSON.parse(clusterStack(settings).only("aws_cloudwatch_dashboard")["dashboard_body"]) as {
        widgets: { type: string; properties: { title: string } }[];
      };
    const types = (settings: string) => body(settings).widgets.map(({ type }) => type);
    expect(types("monitoring: {dashboard: true}")).toEqual(Array(6).fill("metric"));
    expect(types(`monitoring: {dashboard: true, ${ALARMS}}`)).toEqual([...Array(6).fill("metric"), "alarm"]);
    const text = JSON.stringify(body("monitoring: {dashboard: true}"));
    for (const part of ["AWS/AutoScaling", "AWS/EC2", "AWS/DynamoDB", "AWS/EFS", "muster-demo-registry"]) {
      expect(text).toContain(part);
    }
  });

  test("each is there only when it is asked for", () => {
    expect(clusterStack("monitoring: {dashboard: true}").all("aws_cloudwatch_metric_alarm")).toEqual([]);
    expect(clusterStack(`monitoring: {${ALARMS}}`).all("aws_cloudwatch_dashboard")).toEqual([]);
  });
});
