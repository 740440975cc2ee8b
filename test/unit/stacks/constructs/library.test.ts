import { describe, expect, test } from "@jest/globals";
import { TerraformStack, Testing } from "cdktf";
import { MpiCluster, type MpiClusterProps, MpiNotebook, OrgNetwork } from "../../../../stacks/index.js";
import { testApp } from "../../../support/stacks/synth.js";

const ORG: MpiClusterProps["org"] = {
  privateSubnetIds: ["subnet-1", "subnet-2"],
  publicSubnetIds: ["subnet-3", "subnet-4"],
  vpcId: "vpc-1",
  fileSystemClientsGroupId: "sg-clients",
  fileSystemId: "fs-1",
  fileSystemArn: "arn:fs",
  orgAccessPointId: "fsap-org",
  orgAccessPointArn: "arn:fsap-org",
  logBucketName: "logs",
  logBucketArn: "arn:logs",
  keyArn: "arn:key",
  tableArn: "arn:table",
};
const PROPS: MpiClusterProps = { orgName: "demo", region: "us-east-1", org: ORG, name: "alpha", nodes: 2 };
const newStack = () => new TerraformStack(testApp(), "mine");

test("MpiCluster in a stack of one's own has the defaults of muster.yaml and uses the resources it is given", () => {
  const stack = newStack();
  new MpiCluster(stack, "cluster", { ...PROPS, zone: 2 });
  const { resource } = JSON.parse(Testing.synth(stack));
  const [template] = Object.values(resource.aws_launch_template);
  expect(template).toMatchObject({
    instance_type: "c5.xlarge",
    vpc_security_group_ids: [expect.stringContaining("aws_security_group"), "sg-clients"],
  });
  const [own] = Object.values(resource.aws_security_group);
  expect(own).toMatchObject({ vpc_id: "vpc-1" });
  for (const point of Object.values(resource.aws_efs_access_point)) {
    expect(point).toMatchObject({ file_system_id: "fs-1" });
  }
  const [group] = Object.values(resource.aws_autoscaling_group);
  expect(group).toMatchObject({ max_size: 2, vpc_zone_identifier: ["subnet-2"] });
});

test("MpiCluster fails with everything that is wrong with its settings", () => {
  const settings = { nodes: 0, instanceType: "t3.micro", rootVolumeGiB: 1 };
  expect(() => new MpiCluster(newStack(), "cluster", { ...PROPS, ...settings })).toThrow(
    /^3 problems in cluster alpha:\n.*nodes: got 0.*\n.*rootVolumeGiB: got 1;.*\n.*instanceType: got "t3.micro"/,
  );
});

test.each(["10.0.0.0/8", "10.0.0.1/16", "ten"])("OrgNetwork fails with the CIDR %s", (cidr) => {
  const props = { name: "mine", region: "us-east-1", cidr };
  expect(() => new OrgNetwork(newStack(), "network", props)).toThrow(`got "${cidr}"; allowed:`);
});

describe("MpiNotebook in the stack of its cluster", () => {
  const declare = (notebook: object = {}) => {
    const stack = newStack();
    const cluster = new MpiCluster(stack, "cluster", PROPS);
    const { orgName, region, org } = PROPS;
    const after = [cluster.fleet];
    new MpiNotebook(stack, "notebook", {
      orgName,
      region,
      org,
      cluster,
      name: "explore",
      after,
      ...notebook,
    });
    return JSON.parse(Testing.synth(stack)).resource;
  };

  test("has the defaults of muster.yaml, uses the cluster's own resources, and goes before its fleet", () => {
    const resource = declare();
    const [fleet] = Object.keys(resource.muster_fleet);
    const [[uuid]] = [Object.keys(resource.muster_cluster)];
    const [notebook] = Object.values(resource.muster_notebook);
    expect(notebook).toMatchObject({
      cluster_uuid: `\${muster_cluster.${uuid}.uuid}`,
      depends_on: expect.arrayContaining([`muster_fleet.${fleet}`]),
    });
    // The apply refuses, as the same apply destroys the notebook first.
    expect(Object.values(resource.muster_cluster)[0]).not.toHaveProperty("refuse_at");
    expect(Object.values(resource.aws_iam_role_policy)).toContainEqual(
      expect.objectContaining({
        name: "notebook-explore",
        role: expect.stringMatching(/^\$\{aws_iam_role\.cluster_role_/),
      }),
    );
  });

  test("fails with everything that is wrong with its settings", () => {
    expect(() => declare({ instanceType: "m7g.large", kernelIdleMinutes: 0 })).toThrow(
      /^2 problems in notebook explore:\n.*kernelIdleMinutes: got 0.*\n.*instanceType: got "m7g.large"; allowed: an x86-64 type/,
    );
  });
});
