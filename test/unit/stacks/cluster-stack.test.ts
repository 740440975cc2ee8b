import { describe, expect, test } from "@jest/globals";
import { nameKey } from "../../../agent/contract/keys.js";
import { clusterFolderPath } from "../../../agent/contract/names.js";
import { AGENTS_OWNER, JOB_USER } from "../../../agent/contract/node-accounts.js";
import { type SynthesisedStack, synthesise } from "../../support/stacks/synth.js";

const ORG = "org: {name: demo, region: us-east-1, tags: {team: physics}}\n";

function clusterStack(settings = "nodes: 4", more = "") {
  const stack = synthesise(`${ORG}${more}clusters: [{name: alpha, ${settings}}]\n`)["muster_demo_alpha"];
  if (stack === undefined) throw new Error("no cluster stack");
  return stack;
}
const stack = clusterStack();
// biome-ignore lint/suspicious/noTemplateCurlyInString: a Terraform reference
const UUID = "${muster_cluster.cluster_A4C38409.uuid}";
const fromOrg = (output: string): string => `\${data.terraform_remote_state.org.outputs.${output}}`;
/** The cluster's access point of a folder, and the references to it. */
function accessPoint(folder: "shared" | "agents") {
  const points = stack.json.resource["aws_efs_access_point"] ?? {};
  const found = Object.entries(points).find(([id]) => id.startsWith(`cluster_folders_${folder}`));
  if (found === undefined) throw new Error(`no access point of the ${folder} folder`);
  const [id, block] = found;
  return { block, id: `\${aws_efs_access_point.${id}.id}`, arn: `\${aws_efs_access_point.${id}.arn}` };
}
/** The ARNs of the access points that the nodes' role lets them mount. */
function mountable(of: SynthesisedStack): unknown {
  const { Statement } = JSON.parse(of.only("aws_iam_role_policy")["policy"]) as {
    Statement: { Sid: string; Condition: { StringEquals: Record<string, unknown> } }[];
  };
  const folders = Statement.find(({ Sid }) => Sid === "OwnFolders");
  return folders?.Condition.StringEquals["elasticfilesystem:AccessPointArn"];
}
const ALL_TAGS = {
  Name: "muster-demo-alpha",
  team: "physics",
  "muster:org": "demo",
  "muster:cluster": UUID,
  "muster:cluster-name": "alpha",
};

describe("launch template", () => {
  const template = stack.only("aws_launch_template");

  test("answers metadata only by IMDSv2, and not beyond the node", () => {
    expect(template["metadata_options"]).toEqual({
      http_endpoint: "enabled",
      http_tokens: "required",
      http_put_response_hop_limit: 1,
    });
  });

  test("encrypts the disk", () => {
    expect(template["block_device_mappings"]).toEqual([
      {
        device_name: expect.stringContaining("root_device_name"),
        ebs: { encrypted: "true", volume_type: "gp3", volume_size: 30, delete_on_termination: "true" },
      },
    ]);
  });

  test("hands over user data without a secret: nothing but names and ids", () => {
    expect(template["user_data"]).toMatch(/^\$\{base64encode\(local\.\S+\)\}$/);
    const script = Object.values(stack.json.locals ?? {})[0] ?? "";
    const references = script.match(/\$\{[^}]*\}/g);
    expect(references).toEqual([
      UUID,
      fromOrg("file_system_id"),
      accessPoint("shared").id,
      accessPoint("agents").id,
      fromOrg("log_bucket_name"),
    ]);
    expect(script).not.toMatch(/secret|token|password|key/i);
  });

  test("carries the tags to instances, volumes and network interfaces", () => {
    expect(template["tags"]).toEqual(ALL_TAGS);
    expect(template["tag_specifications"]).toEqual(
      ["instance", "volume", "network-interface"].map((type) => ({ resource_type: type, tags: ALL_TAGS })),
    );
  });

  test("takes the newest own image of the family", () => {
    expect(Object.values(stack.json.data["aws_ami"] ?? {})).toEqual([
      expect.objectContaining({
        owners: ["self"],
        most_recent: true,
        filter: [{ name: "tag:muster:image", values: ["mpi"] }],
      }),
    ]);
  });

  test("takes the image of muster.yaml", () => {
    const chosen = clusterStack("nodes: 1, image: {id: ami-0123456789abcdef0}");
    const [image] = Object.values(chosen.json.data["aws_ami"] ?? {});
    expect(image).toMatchObject({
      include_deprecated: true,
      filter: [{ name: "image-id", values: ["ami-0123456789abcdef0"] }],
    });
    expect(image).not.toHaveProperty("owners");
  });

  test("has plain interfaces, or EFA ones when asked, in the cluster's group and the clients' either way", () => {
    const [own] = Object.keys(stack.json.resource["aws_security_group"] ?? {});
    const groups = [`\${aws_security_group.${own}.id}`, fromOrg("file_system_clients_group_id")];
    expect(template["vpc_security_group_ids"]).toEqual(groups);
    expect(template).not.toHaveProperty("network_interfaces");

    const efa = clusterStack("nodes: 4, instanceType: c5n.18xlarge, efa: true").only("aws_launch_template");
    expect(efa).not.toHaveProperty("vpc_security_group_ids");
    expect(efa["network_interfaces"]).toEqual([
      {
        device_index: 0,
        network_card_index: 0,
        interface_type: "efa",
        security_groups: groups,
        delete_on_termination: "true",
      },
    ]);
  });

  test("fails at plan where type and image, type and EFA, or image and runtime do not fit", () => {
    const conditions = (settings: string) =>
      clusterStack(settings)
        .only("aws_launch_template")
        ["lifecycle"].precondition.map(({ condition }: { condition: string }) => condition);
    const preflight = expect.stringMatching(/length\(data\.muster_preflight\..*\.problems\) == 0/);
    expect(conditions("nodes: 4")).toEqual([expect.stringContaining("supported_architectures"), preflight]);
    expect(conditions("nodes: 4, efa: true, instanceType: c5n.18xlarge")).toEqual([
      expect.stringContaining("supported_architectures"),
      expect.stringContaining("efa_supported"),
      expect.stringContaining("x86_64"),
      preflight,
    ]);
    expect(conditions("nodes: 4, runtime: intel")).toEqual([
      expect.stringContaining("supported_architectures"),
      expect.stringMatching(/architecture.* == "x86_64"/),
      preflight,
    ]);
  });
});

describe("folders", () => {
  test("are the cluster's own: the users', and the agents', which no job user can open", () => {
    const folder = (name: string, id: number, permissions: string) => ({
      file_system_id: fromOrg("file_system_id"),
      posix_user: { uid: id, gid: id },
      root_directory: {
        path: `/clusters/${UUID}/${name}`,
        creation_info: { owner_uid: id, owner_gid: id, permissions },
      },
      tags: { ...ALL_TAGS, Name: `muster-demo-alpha-${name}` },
    });
    expect(accessPoint("shared").block).toEqual(folder("shared", JOB_USER.uid, "0755"));
    expect(accessPoint("agents").block).toEqual(folder("agents", AGENTS_OWNER.uid, "0700"));
    expect(stack.all("aws_efs_access_point")).toHaveLength(2);
  });

  test("have paths that EFS takes: at most 100 characters and four levels", () => {
    const uuid = "8d2ff5b8-8e8c-4d3a-9a57-0d8fd1d5e2a1";
    for (const folder of ["shared", "agents"] as const) {
      const own = clusterFolderPath(uuid, folder);
      expect(own).toMatch(/^(?:\/[a-z0-9-]+){1,4}$/);
      expect(own.length).toBeLessThanOrEqual(100);
    }
  });

  test("with orgFolder: true nodes get the org's too, and the right to mount it", () => {
    const sharing = clusterStack("nodes: 4, orgFolder: true");
    const script = Object.values(sharing.json.locals ?? {})[0] ?? "";
    expect(script).toContain(`"orgAccessPointId": "${fromOrg("org_access_point_id")}"`);
    expect(mountable(sharing)).toEqual([
      accessPoint("shared").arn,
      accessPoint("agents").arn,
      fromOrg("org_access_point_arn"),
    ]);
  });
});

describe("job role", () => {
  const ARN = "arn:aws:iam::123456789012:role/research/jobs";

  test("nodes learn of it, and may assume it", () => {
    const text = JSON.stringify(clusterStack(`nodes: 4, jobRoleArn: "${ARN}"`).json);
    expect(text).toContain("sts:AssumeRole");
    expect(text.split(ARN)).toHaveLength(3);
    expect(JSON.stringify(stack.json)).not.toMatch(/jobRoleArn|OwnJobRole/);
  });

  test.each([
    "jobs",
    "arn:aws:iam::123456789012:user/jobs",
    "arn:aws:iam::123456789012:role/*",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:sts::123456789012:assumed-role/jobs/x",
  ])("fails with %s", (arn) => {
    expect(() => clusterStack(`nodes: 4, jobRoleArn: "${arn}"`)).toThrow(/jobRoleArn: got/);
  });
});

test("nodes answer the probes without TLS only where the cluster asks for it", () => {
  expect(JSON.stringify(clusterStack("nodes: 4, httpProbes: true").json)).toMatch(/httpProbes\W+true/);
  expect(JSON.stringify(stack.json)).not.toContain("httpProbes");
  expect(() => clusterStack("nodes: 4, httpProbes: 8080")).toThrow(/httpProbes/);
});

describe("security group", () => {
  test("is the cluster's own, named and described", () => {
    expect(stack.only("aws_security_group")).toEqual({
      name: `muster-demo-alpha-${UUID}`,
      description: expect.stringMatching(/^Nodes of the Muster cluster alpha of org demo[a-z:, ]+$/),
      vpc_id: fromOrg("vpc_id"),
      tags: ALL_TAGS,
    });
  });

  test("lets in the cluster's nodes alone, and lets out to them, EFA included, and everywhere", () => {
    const [own] = Object.keys(stack.json.resource["aws_security_group"] ?? {});
    const group = {
      // EC2 takes no other characters.
      description: expect.stringMatching(/^[A-Za-z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/),
      security_group_id: `\${aws_security_group.${own}.id}`,
      ip_protocol: "-1",
      tags: ALL_TAGS,
    };
    const among = { ...group, referenced_security_group_id: group.security_group_id };
    expect(stack.all("aws_vpc_security_group_ingress_rule")).toEqual([among]);
    expect(stack.all("aws_vpc_security_group_egress_rule")).toEqual([
      { ...group, cidr_ipv4: "0.0.0.0/0" },
      among,
    ]);
  });

  test("has its rules before the first node and until the last has gone", () => {
    const types = ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"];
    const rules = types.flatMap((type) =>
      Object.keys(stack.json.resource[type] ?? {}).map((id) => `${type}.${id}`),
    );
    expect(rules).toHaveLength(3);
    expect(stack.only("aws_autoscaling_group")["depends_on"]).toEqual(expect.arrayContaining(rules));
  });
});

describe("Auto Scaling group", () => {
  const group = stack.only("aws_autoscaling_group");

  test("may have none; how many it has, and may have, is the fleet's once it is made", () => {
    expect(group).toMatchObject({
      min_size: 0,
      max_size: 4,
      wait_for_capacity_timeout: "0",
      lifecycle: { ignore_changes: ["desired_capacity", "max_size"] },
    });
    expect(group).not.toHaveProperty("desired_capacity");
  });

  test("does not end a node where the template changes, as by another instance type: a job may run on it", () => {
    expect(group).not.toHaveProperty("instance_refresh");
    expect(group["suspended_processes"]).toContain("AZRebalance");
    const other = clusterStack("nodes: 4, instanceType: c5.2xlarge").only("aws_autoscaling_group");
    expect(other).toEqual(group);
  });

  test("is in one zone and one placement group", () => {
    expect(stack.only("aws_placement_group")).toMatchObject({ strategy: "cluster", tags: ALL_TAGS });
    expect(group["placement_group"]).toContain("aws_placement_group");
    const subnets = "data.terraform_remote_state.org.outputs.private_subnet_ids";
    expect(group["vpc_zone_identifier"]).toEqual([`\${element(${subnets}, 0)}`]);
    const second = clusterStack("nodes: 4, zone: 2").only("aws_autoscaling_group");
    expect(second["vpc_zone_identifier"]).toEqual([`\${element(${subnets}, 1)}`]);
  });

  test("uses the template's newest version, and passes every tag on", () => {
    expect(group["launch_template"]).toEqual({
      id: expect.stringContaining("aws_launch_template"),
      version: expect.stringContaining("latest_version"),
    });
    const tags = Object.entries(ALL_TAGS).map(([key, value]) => ({ key, value, propagate_at_launch: true }));
    expect(group["tag"]).toHaveLength(tags.length);
    expect(group["tag"]).toEqual(expect.arrayContaining(tags));
  });
});

test("nodes get the times after which a failing one is replaced, in seconds", () => {
  const text = JSON.stringify(clusterStack("nodes: 4, replacement: {afterMinutes: 0.5, perHour: 0}").json);
  expect(text.replaceAll("\\", "")).toMatch(
    /"replacement": ?\{[n ]*"afterSeconds": 30,[n ]*"bootSeconds": 900,[n ]*"perHour": 0[n ]*\}/,
  );
});

describe("node role", () => {
  const policy = JSON.parse(stack.only("aws_iam_role_policy")["policy"]) as {
    Statement: { Sid: string; Effect: string; Action: string[]; Resource: string[]; Condition?: object }[];
  };
  const bySid = Object.fromEntries(policy.Statement.map((statement) => [statement.Sid, statement]));
  const viaService = (service: string) => ({
    StringEquals: { "kms:ViaService": expect.stringMatching(new RegExp(`^${service}\\.us-east-1\\.`)) },
  });

  test("has exactly these statements, each of them allowing named actions on named things", () => {
    expect(Object.keys(bySid)).toEqual([
      "OwnRegistryItems",
      "OwnJobQueue",
      "RegistryKey",
      "OwnSecret",
      "SecretKey",
      "OwnLogs",
      "OwnLogList",
      "OwnBundles",
      "LogKey",
      "OwnFolders",
      "Groups",
      "OwnGroup",
      "SessionManager",
      "OwnConsoles",
    ]);
    for (const { Sid, Effect, Action, Resource } of policy.Statement) {
      expect(Effect).toBe("Allow");
      for (const action of Action) expect(action).not.toContain("*");
      // AWS knows no resource of these actions. What Session Manager's do is for the instance whose credentials they have; the other lists groups.
      if (!["SessionManager", "Groups"].includes(Sid))
        for (const resource of Resource) expect(resource).not.toBe("*");
    }
  });

  test("lists Auto Scaling groups, and does nothing else to those of others", () => {
    expect(bySid["Groups"]?.Action).toEqual(["autoscaling:DescribeAutoScalingGroups"]);
    for (const resource of bySid["OwnGroup"]?.Resource ?? [])
      expect(resource).toMatch(/autoScalingGroupName\/muster-/);
  });

  test("reaches only the cluster's own registry items", () => {
    const own = {
      "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [`CLUSTER#${UUID}`, `USAGE#${UUID}`] },
      Null: { "dynamodb:LeadingKeys": "false" },
    };
    expect(bySid["OwnRegistryItems"]).toMatchObject({
      Resource: [fromOrg("registry_table_arn")],
      Condition: own,
    });
    // Names are the provider's alone.
    expect(nameKey("acme", "demo").pk).not.toBe(`CLUSTER#${UUID}`);
    expect(bySid["OwnRegistryItems"]?.Action).not.toContain("dynamodb:Scan");
    expect(bySid["OwnJobQueue"]).toMatchObject({
      Action: ["dynamodb:Query"],
      Resource: [`${fromOrg("registry_table_arn")}/index/jobs-by-queue`],
      Condition: own,
    });
    expect(bySid["RegistryKey"]).toMatchObject({
      Action: ["kms:Decrypt"],
      Condition: viaService("dynamodb"),
    });
  });

  test("reads only the cluster's own secret", () => {
    const parameters = expect.stringMatching(
      /:ssm:us-east-1:.*:parameter\/muster\/demo\/clusters\/\$\{.*\}\/\*$/,
    );
    expect(bySid["OwnSecret"]).toMatchObject({ Action: ["ssm:GetParameter"], Resource: [parameters] });
    expect(bySid["SecretKey"]).toMatchObject({
      Action: ["kms:Decrypt"],
      Resource: [fromOrg("key_arn")],
      Condition: { ...viaService("ssm"), StringLike: { "kms:EncryptionContext:PARAMETER_ARN": parameters } },
    });
  });

  test("writes, reads and lists only below the cluster's own log prefix", () => {
    expect(bySid["OwnLogs"]).toMatchObject({
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: [`${fromOrg("log_bucket_arn")}/logs/${UUID}/*`],
    });
    expect(bySid["OwnLogList"]).toMatchObject({
      Action: ["s3:ListBucket"],
      Resource: [fromOrg("log_bucket_arn")],
      Condition: { StringLike: { "s3:prefix": `logs/${UUID}/*` } },
    });
    expect(bySid["LogKey"]).toMatchObject({ Condition: viaService("s3") });
  });

  test("mounts the file system only through the cluster's own access points, and not as root", () => {
    expect(bySid["OwnFolders"]).toMatchObject({
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      Resource: [fromOrg("file_system_arn")],
    });
    expect(mountable(stack)).toEqual([accessPoint("shared").arn, accessPoint("agents").arn]);
  });

  test("is taken by EC2 alone, and tagged", () => {
    const role = stack.only("aws_iam_role");
    expect(JSON.parse(role["assume_role_policy"]).Statement).toEqual([
      expect.objectContaining({
        Principal: { Service: expect.stringMatching(/^ec2\./) },
        Action: "sts:AssumeRole",
      }),
    ]);
    expect(role).toMatchObject({ name: `muster-${UUID}`, path: "/muster/demo/alpha/", tags: ALL_TAGS });
    expect(stack.only("aws_iam_instance_profile")).toMatchObject({ name: `muster-${UUID}`, tags: ALL_TAGS });
  });
});

describe("cluster and fleet", () => {
  test("the cluster is declared with everybody's tags, and never parks unless muster.yaml says so", () => {
    expect(stack.only("muster_cluster")).toEqual({
      ...{ name: "alpha", tags: { team: "physics" } },
      ...{ count_ssh_sessions: true, resume_on_job: true, share_with_notebooks: false },
      // Notebooks are in other stacks, so the plan of a destroy refuses already.
      refuse_at: "plan",
    });
  });

  test("the cluster parks as muster.yaml says", () => {
    const given = "nodes: 2, idleTimeoutMinutes: 30, countSshSessions: false, resumeOnJob: false";
    expect(clusterStack(given).only("muster_cluster")).toMatchObject({
      ...{ idle_timeout_minutes: 30, count_ssh_sessions: false, resume_on_job: false },
    });
  });

  test("the cluster has the budget of muster.yaml", () => {
    const budget = "budget: {maxHours: 500, maxCost: 80, pricePerHour: 0.17}";
    expect(clusterStack(`nodes: 2, ${budget}`).only("muster_cluster")).toMatchObject({
      budget: { max_hours: 500, max_cost: 80, price_per_hour: 0.17 },
    });
  });

  test("a budget's cost without a price counts by the list price of its types, which the state keeps", () => {
    const types = "instanceTypes: [c5.xlarge, c5.large]";
    const stack = clusterStack(`nodes: 2, ${types}, budget: {maxCost: 80}`);
    const asked = Object.entries((stack.json["data"] as Record<string, object>)["muster_price"] ?? {});
    expect(asked).toEqual([[expect.any(String), { instance_types: ["c5.xlarge", "c5.large"] }]]);
    const listed = `data.muster_price.${asked[0]?.[0]}`;
    const kept = stack.only("terraform_data");
    expect(kept).toMatchObject({
      input: `\${${listed}.price_per_hour}`,
      triggers_replace: ["c5.xlarge", "c5.large"],
      lifecycle: {
        ignore_changes: ["input"],
        // A precondition, or one about the list's answer, would fail the plans of a cluster whose price is kept.
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a Terraform reference
        postcondition: [{ condition: "${self.input != null}" }],
      },
    });
    const { error_message } = kept["lifecycle"].postcondition[0];
    expect(error_message).toContain("Cluster alpha: budget.maxCost needs the price of a node's hour");
    expect(error_message).toContain(`${listed}.problems`);
    expect(error_message).toContain("Give budget.pricePerHour (USD)");
    const [id] = Object.keys(stack.json.resource["terraform_data"] ?? {});
    expect(stack.only("muster_cluster")).toMatchObject({
      budget: { max_cost: 80, price_per_hour: `\${coalesce(terraform_data.${id}.input, 10000)}` },
    });
  });

  test.each([
    ["no budget", ""],
    ["a budget of hours", ", budget: {maxHours: 5}"],
    ["a budget with its price", ", budget: {maxCost: 80, pricePerHour: 0.1}"],
  ])("%s asks for no price", (_what, budget) => {
    const { json } = clusterStack(`nodes: 2${budget}`);
    expect(json["data"]).not.toHaveProperty("muster_price");
    expect(json.resource).not.toHaveProperty("terraform_data");
  });

  test("each role has the permissions boundary of muster.yaml, and none without it", () => {
    expect(clusterStack().only("aws_iam_role")).not.toHaveProperty("permissions_boundary");
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/limit";
    const stack = clusterStack(
      "nodes: 2",
      `account: {permissionsBoundaryArn: "${permissionsBoundaryArn}"}\n`,
    );
    expect(stack.only("aws_iam_role")).toMatchObject({ permissions_boundary: permissionsBoundaryArn });
  });

  test("the fleet has the size and the timeouts of muster.yaml", () => {
    const fleet = clusterStack("nodes: 7, timeoutMinutes: {create: 5, delete: 6}").only("muster_fleet");
    expect(fleet).toMatchObject({
      cluster_uuid: UUID,
      nodes: 7,
      timeouts: { create: "5m", update: "30m", delete: "6m" },
    });
  });

  test("destroy ends the fleet first: it needs the group, which needs template, placement, role, profile and what the template names", () => {
    const text = (type: string): string => JSON.stringify(stack.only(type));
    const needs = (type: string, ...others: string[]) => {
      for (const other of others) expect(text(type)).toContain(`${other}.`);
    };
    needs("muster_fleet", "aws_autoscaling_group", "muster_cluster");
    needs("aws_autoscaling_group", "aws_launch_template", "aws_placement_group");
    needs("aws_autoscaling_group", "aws_iam_instance_profile", "aws_iam_role_policy");
    // EC2 keeps a group while a node is in it, and a mount ends with its access point.
    needs("aws_launch_template", "aws_security_group");
    expect(JSON.stringify(stack.json.locals)).toContain("aws_efs_access_point.");
    for (const type of ["aws_launch_template", "aws_placement_group", "aws_iam_role"])
      needs(type, "muster_cluster");
  });
});

describe("the stack", () => {
  test("configures both providers without asking another stack", () => {
    expect(stack.json.provider["muster"]).toEqual([{ org: "demo", region: "us-east-1" }]);
    expect(stack.json.provider["aws"]).toEqual([
      {
        region: "us-east-1",
        default_tags: [{ tags: { "muster:org": "demo", "muster:cluster-name": "alpha", team: "physics" } }],
      },
    ]);
  });

  test("tags whatever can be tagged with the cluster's UUID", () => {
    const taggable = [
      "aws_iam_role",
      "aws_iam_instance_profile",
      "aws_launch_template",
      "aws_placement_group",
      "aws_security_group",
      "aws_vpc_security_group_ingress_rule",
    ];
    for (const type of taggable) expect(stack.only(type)["tags"]).toEqual(ALL_TAGS);
    const several = ["aws_efs_access_point", "aws_vpc_security_group_egress_rule"];
    for (const { tags } of several.flatMap(stack.all)) expect(tags).toMatchObject({ "muster:cluster": UUID });
    // Nothing else of AWS's is declared but the role's policy and the group, whose tags are in blocks.
    const others = ["aws_autoscaling_group", "aws_iam_role_policy", "muster_cluster", "muster_fleet"];
    expect(Object.keys(stack.json.resource).sort()).toEqual([...taggable, ...several, ...others].sort());
  });

  test.each([
    ["local", "", { path: "/project/muster-state/demo/org.tfstate" }, "local"],
    [
      "s3",
      "state: {type: s3, bucket: acme, region: eu-west-1}\n",
      { bucket: "acme", region: "eu-west-1", key: "muster/demo/org.tfstate" },
      "s3",
    ],
  ])("reads the org from its %s state", (_name, more, config, backend) => {
    const json = clusterStack("nodes: 1", more).json;
    expect(json.data["terraform_remote_state"]?.["org"]).toMatchObject({ backend, config });
  });

  test("reads only outputs that the org's stack has", () => {
    const stacks = synthesise(`${ORG}clusters: [{name: alpha, nodes: 4}]`);
    const text = JSON.stringify(stacks["muster_demo_alpha"]?.json);
    const read = new Set(text.match(/(?<=state\.org\.outputs\.)\w+/g));
    expect(Object.keys(stacks["muster_demo"]?.json.output ?? {})).toEqual(expect.arrayContaining([...read]));
    expect(read.size).toBeGreaterThan(8);
  });

  test("there is one for each cluster, each with a state of its own", () => {
    const stacks = synthesise(`${ORG}clusters: [{name: alpha, nodes: 4}, {name: beta, nodes: 1}]`);
    expect(Object.keys(stacks)).toEqual(["muster_demo", "muster_demo_alpha", "muster_demo_beta"]);
    expect(stacks["muster_demo_beta"]?.json.terraform["backend"]).toEqual({
      local: { path: "/project/muster-state/demo/clusters/beta.tfstate" },
    });
  });
});
