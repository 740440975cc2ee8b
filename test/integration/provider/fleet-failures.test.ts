import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { waitFor } from "../../../scripts/system/wait.js";
import type { TestEmulator } from "../../support/emulator.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const GROUP = "nodes";
const hcl = (create: string): string => `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "demo"
}
resource "muster_fleet" "it" {
  cluster_uuid      = muster_cluster.it.uuid
  autoscaling_group = "${GROUP}"
  nodes             = 2
  timeouts {
    create = "${create}"
  }
}
`;
const BAD_IMAGE = "The image id '[ami-0bad]' does not exist. Launching EC2 instance failed.";

describe("a muster_fleet whose create fails, by real terraform", () => {
  let setting: Setting;
  let emulator: TestEmulator;
  let org: TestOrg;
  let workspace: Workspace;
  let head: FakeHead;

  /** Applies under the fault; how long it took, and Terraform's words. */
  async function failToCreate(create: string, message?: string) {
    await workspace.configure(hcl(create));
    await emulator.injectFault({
      service: "ec2",
      action: "RunInstances",
      response: { noCapacity: true, ...(message === undefined ? {} : { message }) },
    });
    const startedMs = performance.now();
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"]);
    expect(exitCode).toBe(1);
    return { text: unwrapped(output), tookMs: performance.now() - startedMs };
  }

  beforeAll(async () => {
    setting = await startSetting();
    ({ emulator, org } = setting);
    await org.createGroup(GROUP, 1);
    workspace = await setting.workspace();
    head = startFakeHead(org, "demo", GROUP);
  });
  afterEach(() => emulator.clearFaults());
  afterAll(async () => {
    await head?.stop();
    await setting?.stop();
  });

  test("a bad image fails at once, with the group's words, the phase and the next step", async () => {
    const { text } = await failToCreate("10m", BAD_IMAGE);
    expect(text).not.toContain("Timed out");
    expect(text).toContain("The fleet is not ready: 0 of 2 nodes");
    expect(text).toContain(`can't start instances: ${BAD_IMAGE.replace(/\.$/, "")}`);
    expect(text).toContain("Phase: waiting-for-nodes");
    expect(text).toContain("Missing: 2 instances were never started.");
    expect(text).toContain("Next: Give an image that exists in this region");
    expect(text).toContain("Code: fleet-not-ready, reason: launch-image-missing");
    expect(await workspace.state()).toContain('"status": "tainted"');
    expect(await org.cluster((await org.findUuid("demo")) ?? "")).toMatchObject({
      clusterStatus: "FAILED",
      reasonCode: "launch-image-missing",
      reason: expect.stringContaining("ami-0bad"),
    });
  });

  test("once corrected, apply makes the one fleet: failures from before the resize do not count", async () => {
    await workspace.apply();
    expect(await org.group(GROUP)).toMatchObject({ desired: 2, max: 2 });
    expect(await org.runningInstances()).toHaveLength(2);
    expect(await workspace.plan()).toBe("clean");
    expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    expect(await org.runningInstances()).toEqual([]);
  });

  test("a lack of capacity is waited out for a while, and fails long before the time-out", async () => {
    const { text, tookMs } = await failToCreate("40s");
    expect(tookMs).toBeGreaterThan(10_000);
    expect(text).not.toContain("Timed out");
    expect(text).toContain("We currently do not have sufficient capacity");
    expect(text).toContain("Next: AWS has too few such instances in this zone now");
    expect(text).toContain("Code: fleet-not-ready, reason: launch-no-capacity");
    expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
  });

  test("an agent that can't start ends the wait at once, with its own words and console", async () => {
    head.unreadyFrom = 0;
    head.groupName = "none";
    await workspace.configure(hcl("10m"));
    const running = workspace.run(["apply", "-auto-approve"]);
    const [instance = ""] = await waitFor({
      what: "the group's instances",
      timeoutSeconds: 40,
      everyMs: 100,
      look: () => org.runningInstances(),
      isDone: ({ length }) => length === 2,
      describe: ({ length }) => `${length}`,
    });
    const failure = {
      level: 60,
      time: new Date().toISOString(),
      code: "secret-unavailable",
      cause: "ParameterNotFound",
      hint: "The parameter is made by muster_cluster.",
      msg: "The cluster's secret can't be read: Parameter not found.",
    };
    await writeFile(
      emulator.consoleLogPath(instance),
      `[   61.2] muster-agent[99]: ${JSON.stringify(failure)}\n`,
    );
    const { exitCode, output } = await running;
    head.groupName = GROUP;
    expect(exitCode).toBe(1);
    const text = unwrapped(output);
    expect(text).not.toContain("Timed out");
    expect(text).toContain(
      `the agent of ${instance} can't start: The cluster's secret can't be read: Parameter not found (secret-unavailable)`,
    );
    expect(text).toContain("Next: The parameter is made by muster_cluster. Then apply again");
    expect(text).toContain("Code: fleet-not-ready, reason: node-agent-cannot-start");
    expect(text).toContain(`Console of ${instance}, last lines:`);
    expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
  });

  test("Terraform killed in a create: what it left is imported, and the next apply finishes it with its instances", async () => {
    await workspace.configure(hcl("10m"));
    expect((await workspace.run(["apply", "-auto-approve", "-target=muster_cluster.it"])).exitCode).toBe(0);
    head.unreadyFrom = 1;
    const kill = new AbortController();
    const killed = workspace.run(["apply", "-auto-approve"], { kill: kill.signal });
    await waitFor({
      what: "the group's instances",
      timeoutSeconds: 40,
      everyMs: 100,
      look: () => org.runningInstances(),
      isDone: ({ length }) => length === 2,
      describe: ({ length }) => `${length}`,
    });
    kill.abort();
    expect((await killed).exitCode).toBeNull();
    expect(await workspace.state()).not.toContain("muster_fleet");
    const { desired, instanceIds } = await org.group(GROUP);
    expect(desired).toBe(2);
    expect(instanceIds).toHaveLength(2);
    head.unreadyFrom = Number.POSITIVE_INFINITY;
    const refused = await workspace.run(["apply", "-auto-approve"]);
    expect(refused.exitCode).toBe(1);
    const uuid = await org.findUuid("demo");
    const id = `${uuid}/${GROUP}`;
    expect(unwrapped(refused.output)).toContain(`Cluster ${uuid} has a fleet already`);
    expect(unwrapped(refused.output)).toContain(`terraform import ADDRESS ${id}`);
    expect((await workspace.run(["import", "muster_fleet.it", id])).exitCode).toBe(0);
    await workspace.apply();
    expect((await org.group(GROUP)).instanceIds).toEqual(instanceIds);
    expect([...(await org.runningInstances())].sort()).toEqual([...instanceIds].sort());
    expect(await workspace.plan()).toBe("clean");
  });
});
