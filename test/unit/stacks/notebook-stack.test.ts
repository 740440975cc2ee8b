import { describe, expect, test } from "@jest/globals";
import { TerraformStack } from "cdktf";
import { AgentConfig } from "../../../agent/contract/agent-config.js";
import { JOB_USER } from "../../../agent/contract/node-accounts.js";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { type SynthesisedStack, synthesise, testApp } from "../../support/stacks/synth.js";

const ORG = "org: {name: demo, region: us-east-1, tags: {team: physics}}\n";
const stacksOf = (notebook = "", cluster = "") =>
  synthesise(
    `${ORG}clusters: [{name: alpha, nodes: 2, ${cluster} notebooks: [{name: explore, ${notebook}}]}]\n`,
    { "/project/setup.sh": "#!/bin/sh\necho hello\n" },
  );
function notebookStack(notebook = "", cluster = ""): SynthesisedStack {
  const stack = stacksOf(notebook, cluster)["muster_demo_notebook_explore"];
  if (stack === undefined) throw new Error("no notebook stack");
  return stack;
}
const fromOrg = (output: string): string => `\${data.terraform_remote_state.org.outputs.${output}}`;
const fromCluster = (output: string): string => `\${data.terraform_remote_state.cluster.outputs.${output}}`;
const OWN_TAGS = {
  team: "physics",
  "muster:org": "demo",
  "muster:notebook": "explore",
  Name: "muster-demo-notebook-explore",
};
const ALL_TAGS = { ...OWN_TAGS, "muster:cluster": fromCluster("uuid"), "muster:cluster-name": "alpha" };
/** What user data gives the agent. */
function agentConfig(stack: SynthesisedStack): AgentConfig {
  const script = Object.values(stack.json.locals ?? {})[0] ?? "";
  const [, json = ""] = /MUSTER_AGENT_CONFIG'\n([\s\S]*?)\nMUSTER_AGENT_CONFIG/.exec(script) ?? [];
  return JSON.parse(json) as AgentConfig;
}
interface Policy {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition?: { readonly StringEquals?: Readonly<Record<string, readonly string[]>> };
  }[];
}
const policyOf = (stack: SynthesisedStack, id: string): Policy =>
  JSON.parse(stack.named("aws_iam_role_policy", id)["policy"]) as Policy;
const stack = notebookStack();

describe("a notebook's stack", () => {
  test("is deployed after the org's and its cluster's", () => {
    const app = testApp();
    const text = `${ORG}clusters: [{name: alpha, nodes: 1, notebooks: [{name: explore}]}, {name: notebook, nodes: 1}]\n`;
    declareStacks(app, parseMusterConfig(text, "/project/muster.yaml"));
    const stacks = app.node.children.filter((child) => TerraformStack.isStack(child));
    const [ofNotebook] = stacks.filter(({ node }) => node.id === "muster_demo_notebook_explore");
    expect(ofNotebook?.dependencies.map(({ node }) => node.id)).toEqual(["muster_demo", "muster_demo_alpha"]);
    expect(stacks).toHaveLength(4);
  });

  test("keeps its state beside the clusters', wherever it is attached", () => {
    expect(stack.json.terraform["backend"]).toEqual({
      local: { path: "/project/muster-state/demo/notebooks/explore.tfstate" },
    });
  });

  test("reads only outputs that the org's and the cluster's stacks have", () => {
    const stacks = stacksOf("", "orgFolder: true,");
    const text = JSON.stringify(stacks["muster_demo_notebook_explore"]?.json);
    for (const [state, id] of [
      ["org", "muster_demo"],
      ["cluster", "muster_demo_alpha"],
    ] as const) {
      const read = new Set(text.match(new RegExp(`(?<=state\\.${state}\\.outputs\\.)\\w+`, "g")));
      expect(read.size).toBeGreaterThan(2);
      expect(Object.keys(stacks[id]?.json.output ?? {})).toEqual(expect.arrayContaining([...read]));
    }
  });

  test("has no id that names the cluster: at another one, the same resources change in place", () => {
    const at = (cluster: string) => {
      const clusters = ["alpha", "beta"].map(
        (name) => `{name: ${name}, nodes: 1, notebooks: [${name === cluster ? "{name: explore}" : ""}]}`,
      );
      const moved = synthesise(`${ORG}clusters: [${clusters.join(", ")}]\n`)["muster_demo_notebook_explore"];
      return Object.entries(moved?.json.resource ?? {}).flatMap(([type, blocks]) =>
        Object.entries(blocks).map(([id, block]) => [`${type}.${id}`, block["name"]]),
      );
    };
    expect(at("beta")).toEqual(at("alpha"));
    expect(at("beta").length).toBeGreaterThan(6);
  });
});

describe("a notebook's node", () => {
  test("is in the cluster's security group, in a private subnet, without a public address", () => {
    const open = notebookStack(
      "",
      'access: {sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw a"], allowFrom: [203.0.113.7/32]}, zone: 2,',
    );
    const template = open.only("aws_launch_template");
    expect(template["vpc_security_group_ids"]).toEqual([
      fromCluster("node_security_group_id"),
      fromOrg("file_system_clients_group_id"),
    ]);
    expect(template).not.toHaveProperty("network_interfaces");
    expect(open.only("aws_autoscaling_group")["vpc_zone_identifier"]).toEqual([
      expect.stringMatching(/private_subnet_ids, 1\)/),
    ]);
    expect(agentConfig(open)).not.toHaveProperty("sshKeys");
  });

  test("gets a configuration that its agent takes, of kind notebook, without a secret", () => {
    const config = agentConfig(stack);
    expect(config).toEqual({
      kind: "notebook",
      runtime: "mpich",
      org: "demo",
      clusterUuid: fromCluster("uuid"),
      clusterName: "alpha",
      fileSystemId: fromOrg("file_system_id"),
      accessPointId: fromCluster("shared_access_point_id"),
      agentsAccessPointId: fromCluster("agents_access_point_id"),
      logBucket: fromOrg("log_bucket_name"),
      notebook: {
        name: "explore",
        group: "muster_demo_notebook_explore",
        homeAccessPointId: expect.stringMatching(/^\$\{aws_efs_access_point\.notebook_home_/),
        idleTimeoutMinutes: 60,
        kernelIdleMinutes: 60,
        mpiKernelIdleMinutes: 30,
      },
    });
    expect(Object.keys(AgentConfig.properties)).toEqual(expect.arrayContaining(Object.keys(config)));
    expect(JSON.stringify(config)).not.toMatch(/secret|token|password/i);
  });

  test("has what is declared of it, and of its cluster's nodes", () => {
    const notebook =
      "instanceType: t3.xlarge, rootVolumeGiB: 50, image: {family: mine}, idleTimeoutMinutes: 0, kernelIdleMinutes: 5, mpiKernelIdleMinutes: 2";
    const cluster =
      'runtime: intel, orgFolder: true, jobRoleArn: "arn:aws:iam::123456789012:role/jobs", proxy: {https: "http://proxy.acme.internal:3128"}, bootScript: {file: setup.sh},';
    const chosen = notebookStack(notebook, cluster);
    const template = chosen.only("aws_launch_template");
    expect(template["instance_type"]).toBe("t3.xlarge");
    expect(template["block_device_mappings"][0].ebs.volume_size).toBe(50);
    expect(Object.values(chosen.json.data["aws_ami"] ?? {})[0]).toMatchObject({
      filter: [{ name: "tag:muster:image", values: ["mine"] }],
    });
    expect(template["lifecycle"].precondition).toHaveLength(2);
    expect(agentConfig(chosen)).toMatchObject({
      runtime: "intel",
      orgAccessPointId: fromOrg("org_access_point_id"),
      jobRoleArn: "arn:aws:iam::123456789012:role/jobs",
      bootScript: { timeoutMinutes: 10 },
      proxy: { https: "http://proxy.acme.internal:3128" },
      notebook: { idleTimeoutMinutes: null, kernelIdleMinutes: 5, mpiKernelIdleMinutes: 2 },
    });
    const efa = notebookStack("", "instanceType: c5n.18xlarge, efa: true,");
    expect(efa.only("aws_launch_template")).not.toHaveProperty("network_interfaces");
    expect(agentConfig(efa)).toMatchObject({ runtime: "intel" });
    expect(agentConfig(efa)).not.toHaveProperty("efa");
  });

  test("answers metadata only by IMDSv2, and its disk is encrypted", () => {
    const template = stack.only("aws_launch_template");
    expect(template["metadata_options"]).toMatchObject({
      http_tokens: "required",
      http_put_response_hop_limit: 1,
    });
    expect(template["block_device_mappings"][0].ebs.encrypted).toBe("true");
  });

  test("is one of a group that the notebook fills and empties, with the tags that leftovers are found by", () => {
    const group = stack.only("aws_autoscaling_group");
    expect(group).toMatchObject({
      name: "muster_demo_notebook_explore",
      min_size: 0,
      max_size: 1,
      wait_for_capacity_timeout: "0",
      suspended_processes: ["AZRebalance"],
      lifecycle: { ignore_changes: ["desired_capacity", "max_size"] },
    });
    expect(group["tag"]).toEqual(
      Object.entries(ALL_TAGS).map(([key, value]) => ({ key, value, propagate_at_launch: true })),
    );
    const template = stack.only("aws_launch_template");
    expect(template["tags"]).toEqual(OWN_TAGS);
    expect(template["tag_specifications"].map(({ tags }: { tags: object }) => tags)).toEqual([
      ...[ALL_TAGS, ALL_TAGS, ALL_TAGS],
    ]);
    expect(stack.only("aws_iam_role")["tags"]).toEqual(OWN_TAGS);
    expect(stack.only("aws_iam_role")["path"]).toBe("/muster/demo/notebooks/");
    expect(stack.only("aws_iam_instance_profile")["path"]).toBe("/muster/demo/notebooks/");
    expect(stack.json.provider["aws"]?.[0]?.["default_tags"]).toEqual([
      { tags: { team: "physics", "muster:org": "demo", "muster:notebook": "explore" } },
    ]);
  });

  test("has a role name that IAM takes, and no other org's or region's", () => {
    const name = stack.only("aws_iam_role")["name"] as string;
    expect(name).toMatch(/^muster-notebook-explore-\$\{substr\(sha256\("demo\/us-east-1"\), 0, 8\)\}$/);
    expect("muster-notebook-".length + 32 + 1 + 8).toBeLessThanOrEqual(64);
    expect(stack.only("aws_iam_instance_profile")["name"]).toBe(name);
  });
});

describe("a notebook's home", () => {
  test("is the job user's folder, named after the notebook alone", () => {
    expect(stack.only("aws_efs_access_point")).toEqual({
      file_system_id: fromOrg("file_system_id"),
      posix_user: { uid: JOB_USER.uid, gid: JOB_USER.gid },
      root_directory: {
        path: "/notebooks/explore",
        creation_info: { owner_uid: JOB_USER.uid, owner_gid: JOB_USER.gid, permissions: "0750" },
      },
      tags: { ...OWN_TAGS, Name: "muster-demo-notebook-explore-home" },
    });
  });

  test("may be mounted by its node, and by the nodes of the cluster", () => {
    const [home] = Object.keys(stack.json.resource["aws_efs_access_point"] ?? {});
    const arn = `\${aws_efs_access_point.${home}.arn}`;
    const own = policyOf(stack, "notebook_role").Statement.find(({ Sid }) => Sid === "OwnFolders");
    expect(own?.Condition?.StringEquals?.["elasticfilesystem:AccessPointArn"]).toEqual([
      fromCluster("shared_access_point_arn"),
      fromCluster("agents_access_point_arn"),
      arn,
    ]);
    expect(stack.named("aws_iam_role_policy", "notebook_home-access")).toMatchObject({
      name: "notebook-explore",
      role: fromCluster("node_role_name"),
    });
    expect(policyOf(stack, "notebook_home-access").Statement).toEqual([
      {
        Sid: "NotebookHome",
        Effect: "Allow",
        Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        Resource: [fromOrg("file_system_arn")],
        Condition: { StringEquals: { "elasticfilesystem:AccessPointArn": [arn] } },
      },
    ]);
  });
});

test("its node may set the size of its own group and of the cluster's, and reads no source", () => {
  const { Statement } = policyOf(
    notebookStack("", "sourceBuckets: [acme-models], gitCredentials: [github],"),
    "notebook_role",
  );
  const groups = Statement.find(({ Sid }) => Sid === "OwnGroup")?.Resource ?? [];
  expect(groups.map((arn) => arn.split("autoScalingGroupName/")[1])).toEqual([
    "muster_demo_notebook_explore",
    fromCluster("autoscaling_group"),
  ]);
  expect(Statement.map(({ Sid }) => Sid)).not.toEqual(expect.arrayContaining(["SourceObjects"]));
  expect(Statement.map(({ Sid }) => Sid)).not.toEqual(expect.arrayContaining(["GitCredentials"]));
});

test("the notebook is made last and destroyed first", () => {
  const notebook = stack.only("muster_notebook");
  const [group] = Object.keys(stack.json.resource["aws_autoscaling_group"] ?? {});
  const [template] = Object.keys(stack.json.resource["aws_launch_template"] ?? {});
  const [access] = Object.keys(stack.json.resource["aws_iam_role_policy"] ?? {}).filter((id) =>
    id.startsWith("notebook_home-access"),
  );
  expect(notebook).toEqual({
    name: "explore",
    cluster_uuid: fromCluster("uuid"),
    autoscaling_group: `\${aws_autoscaling_group.${group}.name}`,
    node_version: `\${aws_launch_template.${template}.id}/\${aws_launch_template.${template}.latest_version}`,
    timeouts: { create: "20m", update: "20m", delete: "20m" },
    depends_on: [`aws_iam_role_policy.${access}`],
  });
});

test("a cluster says in its registry item whether it shares with notebooks", () => {
  const cluster = stacksOf("", "shareWithNotebooks: true,")["muster_demo_alpha"];
  expect(cluster?.only("muster_cluster")["share_with_notebooks"]).toBe(true);
});

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
test("all policies of a cluster's nodes fit into their role, with as many notebooks as may be attached", () => {
  const ALLOWED = 10_240;
  const notebooks = Array.from({ length: 8 }, (_, index) => `{name: n${index}}`).join(", ");
  const buckets = Array.from({ length: 5 }, (_, index) => `acme-models-of-a-long-name-${index}`).join(", ");
  const stacks = synthesise(
    `${ORG}clusters: [{name: alpha, nodes: 1, sourceBuckets: [${buckets}], gitCredentials: [github, gitlab], jobRoleArn: "arn:aws:iam::123456789012:role/research-jobs", orgFolder: true, notebooks: [${notebooks}]}]\n`,
  );
  const ARN = "arn:aws:elasticfilesystem:ap-southeast-2:123456789012:access-point/fsap-0123456789abcdef0";
  const known: Readonly<Record<string, string>> = { uuid: "8d2ff5b8-8e8c-4d3a-9a57-0d8fd1d5e2a1", arn: ARN };
  const textOf = (reference: string): string =>
    known[/(uuid|arn)\}$/.exec(reference)?.[1] ?? ""] ?? "ap-southeast-2";
  // IAM does not count white space, which this has none of.
  const size = (policy: string) => policy.replace(/\$\{[^}]*\}/g, textOf).length;
  const ofNodes = size(stacks["muster_demo_alpha"]?.only("aws_iam_role_policy")["policy"] ?? "");
  const ofHomes = Object.entries(stacks)
    .filter(([id]) => id.includes("_notebook_"))
    .map(([, each]) => size(each.named("aws_iam_role_policy", "notebook_home-access")["policy"]));
  expect(ofHomes).toHaveLength(8);
  expect(ofHomes.reduce((sum, each) => sum + each, ofNodes)).toBeLessThan(ALLOWED);
});
