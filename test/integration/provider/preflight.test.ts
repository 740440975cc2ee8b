import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import { ListServiceQuotasCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { PreflightAsk } from "../../../agent/contract/preflight/ask.js";
import { checkPreflight } from "../../../agent/contract/preflight/check.js";
import { accountPreflight } from "../../../scripts/cli/access/preflight.js";
import { imageIdOf, renderImages } from "../../../scripts/local/emulator/images.js";
import { startEmulator } from "../../support/emulator.js";
import { clusterAsk, preflightAsk } from "../../support/preflight.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import type { Workspace } from "../../support/provider/terraform.js";

const IMAGE = imageIdOf("0123456789abcdef");
/** 10 nodes of c5.xlarge. */
const QUOTAS = { "ec2/L-1216C47A": 40, "ec2/L-0263D0A3": 5, "vpc/L-F678F1CE": 2 };
/** A busy machine is slower than AWS. */
const PATIENCE_SECONDS = 60;

let setting: Setting;
let workspace: Workspace;
let ec2: EC2Client;
let subnets: readonly string[];
const before = { ...process.env };
beforeAll(async () => {
  setting = await startSetting(() =>
    startEmulator({ images: renderImages("0123456789abcdef"), quotas: QUOTAS }),
  );
  Object.assign(process.env, setting.emulator.env);
  workspace = await setting.workspace();
  ec2 = new EC2Client(setting.emulator.client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
  const made = [];
  // us-east-1e is an old zone: it has none of the newer types.
  for (const [index, zone] of ["us-east-1a", "us-east-1e"].entries()) {
    const CidrBlock = `10.77.${index}.0/${index === 0 ? 24 : 28}`;
    const TagSpecifications = [
      {
        ResourceType: "subnet" as const,
        Tags: [
          { Key: "muster:org", Value: "acme" },
          { Key: "Name", Value: `muster-acme-private-${index + 1}` },
        ],
      },
    ];
    const place = { VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone: zone, TagSpecifications };
    made.push((await ec2.send(new CreateSubnetCommand(place))).Subnet?.SubnetId ?? "");
  }
  subnets = made;
});
afterEach(() => setting.emulator.clearFaults());
afterAll(async () => {
  process.env = before;
  ec2?.destroy();
  await setting?.stop();
});

/** What `muster check` finds. */
async function check(ask: Partial<PreflightAsk>) {
  const all: PreflightAsk = { ...preflightAsk({ org: "acme", skip: ["rights"] }), ...ask };
  const opening = { org: "acme", region: "us-east-1", signal: new AbortController().signal };
  const caller = async () => "arn:aws:sts::123456789012:assumed-role/deploy/ci";
  const preflight = accountPreflight(opening, process.env, "0", { caller });
  return checkPreflight(all, await preflight.observe(all, PATIENCE_SECONDS * 1000));
}
const alpha = (more: Parameters<typeof clusterAsk>[0] = {}) =>
  clusterAsk({ image: { family: "mpi" }, ...more });
const words = (findings: Awaited<ReturnType<typeof check>>) =>
  findings.map((one) => `${one.check} ${one.is}`);

describe("the account, looked at by the command", () => {
  test("has all that 20 clusters ask", async () => {
    const clusters = Array.from({ length: 20 }, (_none, index) =>
      alpha({ name: `c-${index}`, nodes: 1, instanceTypes: ["c5.large"] }),
    );
    expect(await check({ clusters })).toEqual([]);
  });

  test("lacks room in the quota: 10 of 16 nodes, and the ones that run are others' or its own", async () => {
    const clusters = [alpha({ nodes: 16 })];
    expect(await check({ clusters })).toMatchObject([
      { check: "vcpus", is: "problem", there: expect.stringContaining("10 of 16 nodes") },
    ]);
    const Tags = [
      { Key: "muster:org", Value: "acme" },
      { Key: "muster:cluster-name", Value: "alpha" },
    ];
    const TagSpecifications = [{ ResourceType: "instance" as const, Tags }];
    const run = { ImageId: IMAGE, InstanceType: "c5.xlarge" as const, SubnetId: subnets[0] };
    await ec2.send(new RunInstancesCommand({ ...run, MinCount: 2, MaxCount: 2, TagSpecifications }));
    expect(await check({ clusters: [alpha({ nodes: 10 })] })).toEqual([]);
    expect(await check({ clusters: [alpha({ name: "beta", nodes: 10 })] })).toMatchObject([
      { check: "vcpus", there: expect.stringMatching(/^32 of 40 vCPUs, as others run 8: 8 of 10/) },
    ]);
  });

  test("lacks the type in the zone that the second subnet has: EC2 and the list say so, once", async () => {
    const findings = await check({ clusters: [alpha({ place: { tier: "private", zones: [2] } })] });
    expect(findings).toMatchObject([
      { check: "offering", is: "problem", asked: "offered in us-east-1e" },
      { check: "dry-run", is: "problem", there: expect.stringMatching(/^Unsupported: /) },
    ]);
  });

  test("lacks many things at once", async () => {
    const findings = await check({
      network: { zones: null },
      clusters: [
        alpha({ efa: true, nodes: 300 }),
        alpha({ name: "beta", nodes: 1, image: { id: "ami-0aaaaaaaaaaaaaaaa" } }),
        alpha({ name: "gamma", nodes: 1, instanceTypes: ["t3.large"] }),
        alpha({ name: "delta", nodes: 1, instanceTypes: ["c6g.large"] }),
      ],
    });
    expect(words(findings)).toEqual([
      ...["vcpus problem", "vpcs problem", "subnet problem", "efa problem", "placement problem"],
      ...["image problem", "image problem", "dry-run problem"],
    ]);
    expect(findings.at(-1)?.there).toMatch(/^InvalidParameterValue: The architecture 'arm64'/);
  });

  test("is unchecked where the credentials lack a right, which is named", async () => {
    for (const operation of ["ec2.DescribeInstances", "servicequotas.GetServiceQuota"]) {
      const [service = "", action = ""] = operation.split(".");
      await setting.emulator.injectFault({
        ...{ service, action },
        response: { status: 403, code: "AccessDeniedException", message: "no" },
      });
    }
    const findings = await check({ clusters: [alpha()] });
    expect(new Set(words(findings))).toEqual(new Set(["vcpus unchecked"]));
    expect(findings[0]?.next).toContain("Allow servicequotas:GetServiceQuota");
  });

  test("has an answer in time, or none: what does not answer is unchecked", async () => {
    await setting.emulator.injectFault({
      ...{ service: "ec2", action: "DescribeSubnets" },
      response: { delayMs: 60_000 },
    });
    const ask = preflightAsk({ org: "acme", skip: ["rights"], clusters: [alpha()] });
    const opening = { org: "acme", region: "us-east-1", signal: new AbortController().signal };
    const preflight = accountPreflight(opening, process.env, "0", { caller: async () => null });
    const findings = checkPreflight(ask, await preflight.observe(ask, 3_000));
    expect(findings.find(({ check }) => check === "subnet")).toMatchObject({
      is: "unchecked",
      there: "not known: ec2:DescribeSubnets had no answer in time",
    });
    expect(findings.filter(({ is }) => is === "problem")).toEqual([]);
  });
});

describe("rights, simulated", () => {
  let iam: IAMClient;
  const statement = (more: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...more }] });
  beforeAll(async () => {
    iam = new IAMClient(setting.emulator.client);
    const AssumeRolePolicyDocument = statement({
      Principal: { Service: "ec2.amazonaws.com" },
      Action: "sts:AssumeRole",
    });
    const RoleName = "deploy";
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = statement({ Action: ["ec2:*", "autoscaling:*", "iam:*", "ssm:PutParameter"] });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument }));
    const denial = statement({ Effect: "Deny", Action: "iam:CreateRole" });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "never", PolicyDocument: denial }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
  });
  afterAll(() => iam?.destroy());

  test("are all that are missing, at once: denied ones are a problem", async () => {
    const findings = await check({ clusters: [alpha()], skip: ["vcpus", "subnet", "offering", "dry-run"] });
    expect(findings).toMatchObject([
      { check: "rights", is: "problem", asked: "iam:CreateRole" },
      { check: "rights", is: "warning", asked: "elasticfilesystem:CreateAccessPoint" },
    ]);
  });

  test("are those of a principal that there is", async () => {
    const input = {
      PolicySourceArn: "arn:aws:iam::123456789012:role/none",
      ActionNames: ["ec2:RunInstances"],
    };
    await expect(iam.send(new SimulatePrincipalPolicyCommand(input))).rejects.toThrow(/none/);
  });
});

test("Service Quotas lists a service's quotas", async () => {
  const client = new ServiceQuotasClient(setting.emulator.client);
  const { Quotas = [] } = await client.send(new ListServiceQuotasCommand({ ServiceCode: "vpc" }));
  expect(Quotas).toMatchObject([{ QuotaCode: "L-F678F1CE", Value: 2 }]);
});

describe("muster_preflight, by real terraform", () => {
  const hcl = (nodes: number) => `
    provider "muster" {
      org = "acme"
    }
    data "muster_preflight" "alpha" {
      cluster          = "alpha"
      nodes            = ${nodes}
      instance_types   = ["c5.xlarge"]
      image_id         = "${IMAGE}"
      root_volume_gib  = 30
      subnet_ids       = ["${subnets[0]}"]
      placement_group  = true
      skip             = ["rights"]
      patience_seconds = ${PATIENCE_SECONDS}
    }
    resource "muster_cluster" "alpha" {
      name = "alpha"
      lifecycle {
        precondition {
          condition     = length(data.muster_preflight.alpha.problems) == 0
          error_message = join("\\n", data.muster_preflight.alpha.problems)
        }
      }
    }
    output "findings" { value = data.muster_preflight.alpha.findings }
  `;

  test("lets what the account has room for pass, and starts nothing", async () => {
    const count = async () => (await ec2.send(new DescribeInstancesCommand({}))).Reservations?.length;
    const there = await count();
    await workspace.configure(hcl(4));
    await workspace.apply();
    expect((await workspace.outputs())["findings"]).toEqual([]);
    expect(await workspace.plan()).toBe("clean");
    expect(await count()).toBe(there);
  });

  test("fails the plan with the problem and the next step, and is in no destroy's way", async () => {
    await workspace.configure(hcl(400));
    const plan = await workspace.run(["plan", "-input=false"]);
    expect(plan.exitCode).toBe(1);
    const said = plan.output.replaceAll(/\s*│\s*|\s+/g, " ");
    expect(said).toContain("vcpus: quota Running On-Demand Standard");
    expect(said).toContain("Ask for at least 1600 at Service Quotas");
    expect(said).toContain("subnet: subnet subnet-");
    const destroy = await workspace.run(["destroy", "-auto-approve", "-input=false"]);
    expect(destroy.exitCode).toBe(0);
  });
});
