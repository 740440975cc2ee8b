import { describe, expect, test } from "@jest/globals";
import { TerraformStack } from "cdktf";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { type SynthesisedStack, synthesise, testApp } from "../../support/stacks/synth.js";

const ORG = "org: {name: demo, region: us-east-1, tags: {team: physics}}\n";
function imageStack(image = ""): SynthesisedStack {
  const stack = synthesise(`${ORG}images: [{family: mpi, version: "1.4.0", ${image}}]\n`)[
    "muster_demo_image_mpi"
  ];
  if (stack === undefined) throw new Error("no image stack");
  return stack;
}
const fromOrg = (output: string): string => `\${data.terraform_remote_state.org.outputs.${output}}`;
const stack = imageStack();

describe("an image's stack", () => {
  test("is deployed after the org's, and before the clusters that boot its family", () => {
    const app = testApp();
    const text = `${ORG}images: [{family: sim, version: "1"}]\nclusters: [{name: alpha, nodes: 1, image: {family: sim}}, {name: beta, nodes: 1}]\n`;
    declareStacks(app, parseMusterConfig(text, "/project/muster.yaml"));
    const stacks = app.node.children.filter((child) => TerraformStack.isStack(child));
    const deployedAfter = (id: string) =>
      stacks.find(({ node }) => node.id === id)?.dependencies.map(({ node }) => node.id);
    expect(deployedAfter("muster_demo_image_sim")).toEqual(["muster_demo"]);
    expect(deployedAfter("muster_demo_alpha")).toEqual(["muster_demo", "muster_demo_image_sim"]);
    expect(deployedAfter("muster_demo_beta")).toEqual(["muster_demo"]);
  });

  test("keeps a state of its own", () => {
    expect(stack.json.terraform["backend"]).toEqual({
      local: { path: "/project/muster-state/demo/images/mpi.tfstate" },
    });
  });

  test("bakes before the old version goes, in the org's private subnet", () => {
    expect(stack.only("muster_image")).toMatchObject({
      family: "mpi",
      version: "1.4.0",
      encrypted: false,
      keep: 3,
      bucket: fromOrg("log_bucket_name"),
      subnet_id: expect.stringContaining("private_subnet_ids"),
      lifecycle: { create_before_destroy: true },
      timeouts: { create: "90m", update: "60m", delete: "10m" },
    });
  });

  test.each([
    ["", undefined],
    ["preflight: {skip: [rights, vcpus]}\n", ["vcpus"]],
    ["preflight: {enabled: false}\n", ["vcpus", "offering", "image"]],
  ])("checks the builder before it starts, but for what %j skips", (settings, skipped) => {
    const stacks = synthesise(`${ORG}${settings}images: [{family: mpi, version: "1"}]\n`);
    expect(stacks["muster_demo_image_mpi"]?.only("muster_image")["skip_checks"]).toEqual(skipped);
  });

  test("passes on what the image has and where it goes; a script is no template", () => {
    const wide = imageStack(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's own syntax
      'packages: [gdb], steps: [{name: motd, script: "echo ${HOME}"}], regions: [us-west-2], accounts: ["123456789012"], release: true, baseAmi: ami-0123456789abcdef0',
    );
    expect(wide.only("muster_image")).toMatchObject({
      packages: ["gdb"],
      steps: [{ name: "motd", script: "echo $${HOME}" }],
      regions: ["us-west-2"],
      accounts: ["123456789012"],
      release: true,
      base_ami: "ami-0123456789abcdef0",
    });
  });

  test("its builder may read recipes and its steps, and put its report, and no more", () => {
    const { Statement } = JSON.parse(stack.only("aws_iam_role_policy")["policy"]) as { Statement: object[] };
    const bucket = fromOrg("log_bucket_arn");
    expect(Statement).toMatchObject([
      {
        Action: ["s3:GetObject"],
        Resource: [`${bucket}/images/recipes/*`, `${bucket}/images/builds/mpi-*/steps/*`],
      },
      { Action: ["s3:PutObject"], Resource: [`${bucket}/images/builds/mpi-*/report.json`] },
      { Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: [fromOrg("key_arn")] },
    ]);
    expect(stack.only("aws_iam_role")["path"]).toBe("/muster/demo/");
    expect(stack.all("aws_vpc_security_group_ingress_rule")).toEqual([]);
  });
});
