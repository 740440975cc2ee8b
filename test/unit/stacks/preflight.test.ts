import { expect, test } from "@jest/globals";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { synthesise } from "../../support/stacks/synth.js";

const ORG = "org: {name: demo, region: us-east-1}\n";

const stacks = (more: string) => {
  const all = synthesise(`${ORG}${more}`);
  const of = (id: string) => {
    const stack = all[id];
    if (stack === undefined) throw new Error(`no stack ${id}`);
    return stack;
  };
  return { org: of("muster_demo"), cluster: of("muster_demo_alpha") };
};
const asked = (stack: ReturnType<typeof stacks>["org"]) =>
  Object.values((stack.json["data"] as Record<string, object>)["muster_preflight"] ?? {});

test("each stack asks for what it makes, and its plan fails with all problems", () => {
  const { org, cluster } = stacks(
    "clusters: [{name: alpha, nodes: 4, zone: 2, efa: true, spot: true, instanceType: c5n.18xlarge, rootVolumeGiB: 50}]",
  );
  expect(asked(org)).toEqual([{ network: true }]);
  expect(org.only("aws_vpc")["lifecycle"].precondition).toMatchObject([
    { condition: expect.stringContaining(".problems) == 0") },
  ]);
  expect(asked(cluster)).toMatchObject([
    {
      ...{ cluster: "alpha", nodes: 4, instance_types: ["c5n.18xlarge"], spot: true, efa: true },
      ...{ root_volume_gib: 50, placement_group: true },
      image_id: expect.stringContaining("data.aws_ami"),
      subnet_ids: [expect.stringContaining("private_subnet_ids, 1")],
    },
  ]);
  const { precondition } = cluster.only("aws_launch_template")["lifecycle"];
  expect(precondition.at(-1).error_message).toMatch(/data\.muster_preflight\..*\.problems.*preflight\.skip/s);
});

test("checks are skipped by name", () => {
  const { org, cluster } = stacks(
    "preflight: {skip: [rights, dry-run]}\nclusters: [{name: alpha, nodes: 4}]",
  );
  for (const stack of [org, cluster]) expect(asked(stack)).toMatchObject([{ skip: ["rights", "dry-run"] }]);
});

test("nothing is asked where it is off", () => {
  const { org, cluster } = stacks("preflight: {enabled: false}\nclusters: [{name: alpha, nodes: 4}]");
  for (const stack of [org, cluster]) expect(asked(stack)).toEqual([]);
  expect(org.only("aws_vpc")).not.toHaveProperty("lifecycle");
});

test("a network that exists is not asked for", () => {
  const network = "network: {vpcId: vpc-01234567, subnetIds: [subnet-01234567]}";
  const all = synthesise(`org: {name: demo, region: us-east-1, ${network}}\nclusters: []`);
  expect(JSON.stringify(all["muster_demo"]?.json)).not.toContain("muster_preflight");
});

test("a check that there is not is refused", () => {
  expect(() => parseMusterConfig(`${ORG}preflight: {skip: [quotas]}`, "/project/muster.yaml")).toThrow(
    /preflight.skip.*quotas/s,
  );
});
