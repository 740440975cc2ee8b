import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeLaunchTemplateVersionsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { AgentConfig } from "../../../agent/contract/agent-config.js";
import { TAG } from "../../../agent/contract/names.js";
import { PLAN_GROUPS } from "../../../agent/contract/rights/pipeline-policy.js";
import { RIGHT_GROUPS } from "../../../agent/contract/rights/policy.js";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { type SetUp, setUp } from "../../../scripts/setup/set-up.js";
import { runProgram } from "../../../scripts/system/program.js";
import { rightsOf } from "../../support/docs/sdk-calls.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import { openOrg } from "../../support/provider/org.js";
import { openJobs } from "../../support/provider/org-jobs.js";
import { type AttachedProviders, attachProviders } from "../../support/stacks/attached.js";

const ROOT = path.join(__dirname, "../../..");
const PROGRAM_TIMEOUT_MS = 240_000;
const DEPLOY_TIMEOUT_MS = PROGRAM_TIMEOUT_MS + 60_000;

let emulator: TestEmulator;
let tools: SetUp;
let providers: AttachedProviders;
let folder: string;

beforeAll(async () => {
  [emulator, tools] = await Promise.all([
    // GIVEN an image of the family that muster.yaml asks for by default
    startEmulator({ images: renderImages("0123456789abcdef") }),
    setUp({ projectRoot: ROOT, say: () => undefined }),
  ]);
  // The second stack waits for the first: no two runs at a time. Those that start their providers: docs/commands.test.ts.
  providers = await attachProviders(tools, emulator);
  folder = mkdtempSync(path.join(tmpdir(), "muster-stacks-"));
});
afterAll(async () => {
  await providers?.stop();
  await emulator?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Result {
  readonly exitCode: number | null;
  readonly output: string;
}

async function run(argv: [string, ...string[]], cwd: string): Promise<Result> {
  const lines: string[] = [];
  const env = {
    ...providers.env,
    CI: "1",
    FORCE_COLOR: "0",
    MUSTER_CONFIG: path.join(folder, "muster.yaml"),
  };
  const signal = AbortSignal.timeout(PROGRAM_TIMEOUT_MS);
  const { exitCode } = await runProgram(argv, { cwd, env, signal, onLine: (line) => lines.push(line) });
  return { exitCode, output: lines.join("\n") };
}

/** Fails with the program's last lines, which say why. */
function expectExitCode(result: Result, exitCode: number): void {
  if (result.exitCode === exitCode) return;
  throw new Error(`exit code ${result.exitCode}, not ${exitCode}:\n${result.output.slice(-4000)}`);
}

const cdktf = (...args: string[]): Promise<Result> =>
  run(["npx", "--no-install", "cdktf", ...args, "--output", path.join(folder, "cdktf.out")], ROOT);

/** Terraform's own words on a stack that cdktf has deployed: exit code 0 = no change, 2 = changes, 1 = error. */
const plan = (stack: string): Promise<Result> =>
  run(
    [tools.terraform, "plan", "-detailed-exitcode", "-input=false", "-no-color"],
    path.join(folder, "cdktf.out/stacks", stack),
  );

const declare = (musterYaml: string): void => writeFileSync(path.join(folder, "muster.yaml"), musterYaml);

/** These stacks in the order of their ends. Of lines that come together cdktf names the stack in the first alone. */
function destroyedStacks(output: string, stacks: readonly string[]): string[] {
  let stack = "";
  return output.split("\n").flatMap((line) => {
    stack = stacks.find((name) => line.startsWith(`${name} `)) ?? stack;
    return line.includes(" Destroy complete!") ? [stack] : [];
  });
}

describe("an org and its cluster", () => {
  const org = "org: {name: demo, region: us-east-1, tags: {team: physics}}\n";
  const stacks = ["muster_demo", "muster_demo_alpha"];
  const declareCluster = (settings: string): void =>
    declare(`${org}clusters:
- name: alpha
  ${settings}
  jobDefinitions:
  - {name: soon, command: [-m, mpi4py.bench, helloworld], wait: false}
  - {name: later, command: [-c, "print('\${HOME}')"], run: manual}
`);
  const group = async () => {
    const client = new AutoScalingClient(emulator.client);
    const { AutoScalingGroups } = await client.send(new DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups?.[0];
  };
  const orgVpcs = async () => {
    const filter = { Name: `tag:${TAG.ORG}`, Values: ["demo"] };
    return (await new EC2Client(emulator.client).send(new DescribeVpcsCommand({ Filters: [filter] }))).Vpcs;
  };

  let head: FakeHead;
  /** Instances do not boot here: one that plays their head reports them ready. */
  const startHead = (): void => {
    const org = openOrg(emulator, "demo");
    const ownGroup = async () => org.group(`muster-alpha-${await org.findUuid("alpha")}`);
    head = startFakeHead({ ...org, group: ownGroup }, "alpha", "");
  };

  beforeAll(startHead);
  afterAll(() => head?.stop());

  test(
    "are deployed from muster.yaml",
    async () => {
      declareCluster("nodes: 2");
      const result = await cdktf("deploy", "*", "--auto-approve", "--skip-provider-lock");
      expectExitCode(result, 0);
      expect(await orgVpcs()).toHaveLength(1);
      expect(await group()).toMatchObject({ MinSize: 0, MaxSize: 2, DesiredCapacity: 2 });
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "are planned with no call that the plan role of a pipeline does not allow",
    async () => {
      // It writes to the registry all the time.
      await head.stop();
      const made = await emulator.callsOf(async () => {
        for (const stack of ["muster_demo", "muster_demo_alpha"]) {
          const flags = ["--skip-provider-lock", "--ignore-missing-stack-dependencies"];
          expectExitCode(await cdktf("diff", stack, ...flags), 0);
        }
      });
      startHead();
      const allowed = new Set(PLAN_GROUPS.flatMap(({ actions }) => actions));
      const rights = [...made].flatMap((call) => rightsOf(call.replace(".", ":")));
      expect(rights.length).toBeGreaterThan(40);
      // The dry run of a launch is answered with an error, always: it is not among them.
      expect(rights.filter((right) => !allowed.has(right))).toEqual([]);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test("its job definitions are kept in the registry, and the one that is not run by hand is submitted as a job", async () => {
    const jobs = openJobs(emulator, "demo", (await openOrg(emulator, "demo").findUuid("alpha")) ?? "");
    expect((await jobs.list()).map(({ definition, status }) => [definition?.name, status])).toEqual([
      ["soon", "NEW"],
    ]);
    expect((await jobs.definition("later"))?.request.command).toEqual(["-c", `print('\${HOME}')`]);
  });

  test("nodes get user data that makes a valid agent.json", async () => {
    const { LaunchTemplateVersions } = await new EC2Client(emulator.client).send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: (await group())?.LaunchTemplate?.LaunchTemplateId ?? "",
      }),
    );
    const userData = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.UserData ?? "";
    const config = JSON.parse(/\{.*\}/s.exec(Buffer.from(userData, "base64").toString())?.[0] ?? "null");
    const ajv = new Ajv();
    ajv.validate(AgentConfig, config);
    expect(ajv.errors).toBeNull();
    expect(config).toMatchObject({ org: "demo", clusterName: "alpha" });
  });

  test(
    "a second plan changes nothing, also of a parked cluster; a group that was only emptied is a difference",
    async () => {
      const AutoScalingGroupName = (await group())?.AutoScalingGroupName;
      for (const stack of stacks) expectExitCode(await plan(stack), 0);
      // WHEN the group is emptied: the size belongs to the fleet and the head, not to the group's declaration
      const client = new AutoScalingClient(emulator.client);
      const park = { AutoScalingGroupName, DesiredCapacity: 0, MaxSize: 0 };
      await client.send(new UpdateAutoScalingGroupCommand(park));
      // THEN the fleet's plan fills it again, until the cluster is parked
      expectExitCode(await plan("muster_demo_alpha"), 2);
      const registry = openOrg(emulator, "demo");
      const uuid = (await registry.findUuid("alpha")) ?? "";
      await registry.setCluster(uuid, { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 });
      expectExitCode(await plan("muster_demo_alpha"), 0);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "a change of size and of the nodes' disk updates template, group and fleet in place",
    async () => {
      const before = await group();
      declareCluster("nodes: 3\n  rootVolumeGiB: 40");
      const result = await cdktf("deploy", "*", "--auto-approve", "--skip-provider-lock");
      expectExitCode(result, 0);
      expect(result.output).toMatch(
        /muster_demo_alpha +Apply complete! Resources: 0 added, 3 changed, 0 destroyed/,
      );
      expect(await group()).toMatchObject({
        AutoScalingGroupName: before?.AutoScalingGroupName,
        MaxSize: 3,
        DesiredCapacity: 3,
      });
      for (const stack of stacks) expectExitCode(await plan(stack), 0);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "fewer nodes change the fleet alone: Terraform does not touch the group, whose nodes may be in use",
    async () => {
      declareCluster("nodes: 1\n  rootVolumeGiB: 40");
      const result = await cdktf("deploy", "*", "--auto-approve", "--skip-provider-lock");
      expectExitCode(result, 0);
      expect(result.output).toMatch(
        /muster_demo_alpha +Apply complete! Resources: 0 added, 1 changed, 0 destroyed/,
      );
      expect(await group()).toMatchObject({ MaxSize: 1, DesiredCapacity: 1 });
      for (const stack of stacks) expectExitCode(await plan(stack), 0);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "a stack can be planned alone",
    async () => {
      const result = await cdktf(
        "diff",
        "muster_demo_alpha",
        "--skip-provider-lock",
        "--ignore-missing-stack-dependencies",
      );
      expectExitCode(result, 0);
      expect(result.output).toContain("No changes.");
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "are destroyed, the cluster first, to nothing",
    async () => {
      const result = await cdktf("destroy", "*", "--auto-approve", "--skip-provider-lock");
      expectExitCode(result, 0);
      expect(destroyedStacks(result.output, stacks)).toEqual([...stacks].reverse());
      for (const file of ["org", "clusters/alpha"]) {
        const state = path.join(folder, "muster-state/demo", `${file}.tfstate`);
        expect(existsSync(state) && JSON.parse(readFileSync(state, "utf8")).resources).toEqual([]);
      }
      expect(await orgVpcs()).toEqual([]);
      expect(await group()).toBeUndefined();
    },
    DEPLOY_TIMEOUT_MS,
  );

  test("made no call that the role's policy does not allow", () => {
    const allowed = new Set(RIGHT_GROUPS.flatMap(({ actions }) => actions));
    // The test's own look at the registry.
    const own = new Set(["dynamodb:Scan"]);
    const made = [...emulator.calls].flatMap((call) => rightsOf(call.replace(".", ":")));
    expect(made.length).toBeGreaterThan(100);
    expect(made.filter((right) => !allowed.has(right) && !own.has(right))).toEqual([]);
  });
});

test("a bad muster.yaml fails synth with every problem and no stack trace", async () => {
  declare("org: {name: Demo, region: us-east-1}\nclusters: [{name: alpha, nodez: 4}]\n");
  const { exitCode, output } = await cdktf("synth");
  expect(exitCode).not.toBe(0);
  expect(output).toContain("3 problems in");
  expect(output).toMatch(/line 1: org\.name: got "Demo"/);
  expect(output).toMatch(/line 2: clusters\[0\]\.nodez: unknown key; did you mean nodes\?/);
  expect(output).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
});
