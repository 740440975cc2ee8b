import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cloudDown } from "../../../scripts/local/down.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { inNode } from "../../../scripts/local/hosts/exec.js";
import { openLimits } from "../../../scripts/local/limits/limits.js";
import {
  LIMIT_KEYS,
  type LimitKey,
  type LimitValues,
  neededLimits,
  usedLimits,
} from "../../../scripts/local/limits/plan.js";
import { openSysctl } from "../../../scripts/local/limits/sysctl.js";
import { readRunning } from "../../../scripts/local/state.js";
import { type CloudStatus, cloudStatus } from "../../../scripts/local/status.js";
import { type CloudUp, cloudUp } from "../../../scripts/local/up.js";
import { waitFor } from "../../../scripts/system/wait.js";

const NAME = "test-cloud";
const up = (nodes = 0): Promise<CloudUp> =>
  cloudUp({ name: NAME, nodes, projectRoot: process.cwd(), say: () => undefined });

/** This machine's limits, less what the clouds use of them that have claimed it: those of other test files come and go. */
function lookAtLimits(): LimitValues {
  const used = usedLimits(openLimits().claimedByAll());
  const values = Object.entries(openSysctl().read()) as [LimitKey, number][];
  return Object.fromEntries(values.map(([key, value]) => [key, value - used[key]]));
}

/** The same, of a moment in which no cloud changes its claim. */
const limitsOfMachine = async (): Promise<LimitValues> => {
  const [values] = await waitFor({
    what: "two looks at the limits that see the same",
    timeoutSeconds: 60,
    everyMs: 50,
    async look() {
      const first = lookAtLimits();
      await sleep(50);
      return [first, lookAtLimits()] as const;
    },
    isDone: ([first, second]) => JSON.stringify(first) === JSON.stringify(second),
    describe: (seen) => JSON.stringify(seen),
  });
  return values;
};

describe("a local cloud", () => {
  let cloud: CloudUp;
  let ec2: EC2Client;
  beforeAll(async () => {
    await cloudDown(NAME);
    cloud = await up();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    ec2 = new EC2Client({ endpoint: cloud.endpointUrl, region: cloud.region, credentials });
  }, 300_000);
  afterAll(() => cloudDown(NAME));

  const waitForNodes = (power: readonly ("on" | "off" | null)[]): Promise<CloudStatus> =>
    waitFor({
      what: `nodes ${power.join(", ")}`,
      timeoutSeconds: 60,
      everyMs: 100,
      look: () => cloudStatus(NAME),
      isDone: ({ nodes }) => JSON.stringify(nodes.map((node) => node.power).sort()) === JSON.stringify(power),
      describe: ({ nodes }) => nodes.map((node) => `${node.instanceId} ${node.power}`).join(", "),
    });

  async function killDaemon({ pid }: CloudUp): Promise<CloudStatus> {
    process.kill(pid, "SIGKILL");
    // Its process is not asked for nodes meanwhile: it closes its sockets some moments before it is gone.
    await waitFor({
      what: "the daemon to be gone",
      timeoutSeconds: 60,
      everyMs: 50,
      look: async () => readRunning(NAME),
      isDone: (running) => running === null,
      describe: () => "it runs",
    });
    return cloudStatus(NAME);
  }

  test("listens on the loopback only", () => {
    const listening = execFileSync("ss", ["-Hltnp"], { encoding: "utf8" }).split("\n");
    const own = listening.filter((line) => line.includes(`pid=${cloud.pid},`));
    expect(own).toHaveLength(1);
    expect(own[0]).toContain(` 127.0.0.1:${new URL(cloud.endpointUrl).port} `);
  });

  test("a second up finds it running", async () => {
    expect(await up()).toEqual({ ...cloud, alreadyRan: true });
  });

  test("each running instance has its own node, and a terminated one has none", async () => {
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: cloud.imageId,
        InstanceType: "c5.xlarge",
        MinCount: 2,
        MaxCount: 2,
      }),
    );
    const { nodes } = await waitForNodes(["on", "on"]);
    for (const node of nodes) {
      const { argv, env } = inNode(cloudPlaces(NAME), node.instanceId, ["cat", "/proc/sys/kernel/hostname"]);
      const [program, ...args] = argv;
      const read = (): string => spawnSync(program, args, { env, encoding: "utf8" }).stdout.trim();
      await waitFor({
        what: `the host name of ${node.instanceId}`,
        timeoutSeconds: 60,
        look: async () => read(),
        isDone: (hostname) => hostname === node.hostname.split(".")[0],
        describe: (hostname) => hostname,
      });
    }
    const InstanceIds = [Instances?.[0]?.InstanceId ?? ""];
    await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    expect((await waitForNodes(["on"])).nodes[0]?.instanceId).toBe(Instances?.[1]?.InstanceId);
  });

  test("a node whose user data fails is named by status, with the reason", async () => {
    const UserData = Buffer.from("#!/bin/sh\necho no such file system\nexit 7\n").toString("base64");
    const launch = { ImageId: cloud.imageId, InstanceType: "c5.xlarge", MinCount: 1, MaxCount: 1 } as const;
    const { Instances } = await ec2.send(new RunInstancesCommand({ ...launch, UserData }));
    const instanceId = Instances?.[0]?.InstanceId ?? "";
    const { bootProblems } = await waitFor({
      what: "the node's failure",
      timeoutSeconds: 60,
      look: () => cloudStatus(NAME),
      isDone: (status) => status.bootProblems.length > 0,
      describe: ({ nodes }) => `${nodes.length} nodes`,
    });
    const problem = `its user data failed: The user data of ${instanceId} failed with exit code 7.`;
    expect(bootProblems).toEqual([{ instanceId, problem }]);
    const { stdout } = spawnSync(join(process.cwd(), "scripts/local/cloud"), ["status", "--name", NAME], {
      encoding: "utf8",
    });
    expect(stdout).toContain(`node ${instanceId} can't boot: ${problem}`);
    expect(stdout).toContain("no such file system");
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    await waitForNodes(["on"]);
    expect(readFileSync(join(cloudPlaces(NAME).folder, "daemon.log"), "utf8")).toContain(problem);
  });

  test("after kill -9 of its daemon, down still leaves nothing", async () => {
    const killed = await killDaemon(cloud);
    expect(killed.leftovers.join("\n")).toMatch(/process .*cgroup .*mount .*network namespace .*folder/s);
    expect(await cloudDown(NAME)).toEqual({ wasRunning: false, leftovers: [] });
    expect(await cloudDown(NAME)).toEqual({ wasRunning: false, leftovers: [] });
  });

  test("comes up again over what a killed one left", async () => {
    const first = await up();
    await killDaemon(first);
    const second = await up();
    expect(second.alreadyRan).toBe(false);
    expect(second.pid).not.toBe(first.pid);
    expect(await cloudDown(NAME)).toEqual({ wasRunning: true, leftovers: [] });
  });

  test.each([
    ["down", async () => undefined],
    ["kill -9 of its daemon, and down", killDaemon],
  ])("the machine's limits are raised for 64 nodes, and what they were after %s", async (_name, end) => {
    const before = await limitsOfMachine();
    const started = await up(64);
    const [raised, needed] = [openSysctl().read(), neededLimits(64)];
    for (const key of LIMIT_KEYS) expect(raised[key]).toBeGreaterThanOrEqual(needed[key] ?? Infinity);
    await end(started);
    await cloudDown(NAME);
    expect(await limitsOfMachine()).toEqual(before);
  });
});
