import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestEmulator } from "../../support/emulator.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

interface Declared {
  readonly cluster: string;
  readonly group: string;
  readonly timeouts?: string;
}
const hcl = ({ cluster, group, timeouts = "" }: Declared): string => `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "${cluster}"
}
resource "muster_fleet" "it" {
  cluster_uuid      = muster_cluster.it.uuid
  autoscaling_group = "${group}"
  nodes             = 1
  ${timeouts}
}
output "uuid" { value = muster_cluster.it.uuid }
output "fleet" { value = muster_fleet.it.id }
`;

describe("a muster_fleet that is taken over, replaced and meddled with, by real terraform", () => {
  let setting: Setting;
  let emulator: TestEmulator;
  let org: TestOrg;
  let workspace: Workspace;
  let head: FakeHead;
  const output = async (name: string): Promise<string> => String((await workspace.outputs())[name]);

  /** Applies it, with a head for what is made. */
  async function applyWith(declared: Declared): Promise<string> {
    head.clusterName = declared.cluster;
    head.groupName = declared.group;
    await workspace.configure(hcl(declared));
    return workspace.apply();
  }

  beforeAll(async () => {
    setting = await startSetting();
    ({ emulator, org } = setting);
    await Promise.all([org.createGroup("first", 1), org.createGroup("second", 1)]);
    workspace = await setting.workspace();
    head = startFakeHead(org, "one", "first");
    await applyWith({ cluster: "one", group: "first" });
  });
  afterAll(async () => {
    await head?.stop();
    await setting?.stop();
  });

  test("import takes over cluster and fleet, and changes nothing but whose the fleet is", async () => {
    const uuid = await output("uuid");
    const other = await setting.workspace();
    const imports = [`muster_cluster.it\n  id = "${uuid}"`, `muster_fleet.it\n  id = "${uuid}/first"`];
    const blocks = imports.map((block) => `import {\n  to = ${block}\n}\n`).join("");
    await other.configure(hcl({ cluster: "one", group: "first" }) + blocks);
    const { exitCode, output: said } = await other.run(["plan", "-input=false"]);
    expect(exitCode).toBe(0);
    expect(said).toContain("2 to import, 0 to add, 1 to change, 0 to destroy");
    expect(said).toMatch(/\+ owner += \(known after apply\)/);
    const wrong = await other.run(["import", "muster_fleet.it", "first"]);
    expect(wrong.exitCode).toBe(1);
    expect(unwrapped(wrong.output)).toContain("it must be <cluster UUID>/<Auto Scaling group's name>");
  });

  test("new time-outs are an update that touches neither group nor cluster", async () => {
    const before = await org.cluster(await output("uuid"));
    const said = await applyWith({ cluster: "one", group: "first", timeouts: 'timeouts { update = "7m" }' });
    expect(said).toContain("0 added, 1 changed, 0 destroyed");
    expect(await org.cluster(await output("uuid"))).toEqual(before);
    expect(await workspace.plan()).toBe("clean");
  });

  test("a look that AWS refuses names the group and the next step, and changes nothing", async () => {
    const before = await workspace.state();
    await emulator.injectFault({
      service: "autoscaling",
      action: "DescribeAutoScalingGroups",
      response: { code: "AccessDenied", message: "no autoscaling:DescribeAutoScalingGroups", status: 403 },
    });
    const { exitCode, output: said } = await workspace.run(["apply", "-auto-approve"]);
    await emulator.clearFaults();
    expect(exitCode).toBe(1);
    expect(unwrapped(said)).toContain("Could not describe Auto Scaling group first");
    expect(unwrapped(said)).toContain("The credentials lack this permission");
    expect(await workspace.state()).toBe(before);
  });

  test("another group replaces the fleet: the old group is emptied first", async () => {
    const uuid = await output("uuid");
    expect(await applyWith({ cluster: "one", group: "second" })).toContain("1 added, 0 changed, 1 destroyed");
    expect(await output("fleet")).toBe(`${uuid}/second`);
    expect(await org.group("first")).toEqual({ desired: 0, max: 0, instanceIds: [] });
    expect(await org.runningInstances()).toEqual((await org.group("second")).instanceIds);
  });

  test("another cluster replaces the fleet too", async () => {
    const before = await output("uuid");
    expect(await applyWith({ cluster: "two", group: "second" })).toContain("2 added, 0 changed, 2 destroyed");
    expect(await org.sortKeys(before)).toEqual([]);
    expect(await output("fleet")).toBe(`${await output("uuid")}/second`);
    expect(await org.runningInstances()).toHaveLength(1);
  });

  test("a group that was deleted by hand is a difference, and filled once it is there again", async () => {
    const fleet = await output("fleet");
    await org.deleteGroup("second");
    const { exitCode, output: said } = await workspace.run(["apply", "-auto-approve"]);
    expect(exitCode).toBe(1);
    expect(unwrapped(said)).toContain("There is no Auto Scaling group second");
    expect(unwrapped(said)).toContain("Let autoscaling_group refer to the group's resource");
    await org.createGroup("second", 1);
    expect((await workspace.run(["plan", "-input=false"])).output).toMatch(/~ nodes += 0 -> 1/);
    await workspace.apply();
    expect(await output("fleet")).toBe(fleet);
    expect(await org.runningInstances()).toEqual((await org.group("second")).instanceIds);
    expect(await workspace.plan()).toBe("clean");
  });

  test("a cluster that was removed by hand: both are created again, with the same group", async () => {
    const before = await output("uuid");
    await org.deleteCluster(before);
    const { instanceIds } = await org.group("second");
    expect(await workspace.apply()).toContain("2 added, 0 changed, 2 destroyed");
    expect(await output("fleet")).toBe(`${await output("uuid")}/second`);
    expect(await output("uuid")).not.toBe(before);
    // The old instances are nodes of a cluster that is gone.
    expect(await org.runningInstances()).toHaveLength(1);
    expect(await org.runningInstances()).not.toEqual(instanceIds);
  });

  test("a destroy that AWS refuses keeps both in the state; the next one continues", async () => {
    await emulator.injectFault({
      service: "autoscaling",
      action: "UpdateAutoScalingGroup",
      response: { code: "AccessDenied", message: "no autoscaling:UpdateAutoScalingGroup", status: 403 },
    });
    const { exitCode, output: said } = await workspace.run(["destroy", "-auto-approve"]);
    await emulator.clearFaults();
    expect(exitCode).toBe(1);
    expect(unwrapped(said)).toContain("Could not set Auto Scaling group second to 0 instances");
    const list = (await workspace.run(["state", "list"])).output;
    expect(list.split("\n").sort()).toEqual(["muster_cluster.it", "muster_fleet.it"]);
    expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    expect(await org.runningInstances()).toEqual([]);
  });
});
