import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import type { Workspace } from "../../support/provider/terraform.js";

const GROUP = "nodes";
const CLUSTER = `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "demo"
}
`;
const fleet = (group: string, isToEmpty = true): string => `${CLUSTER}
resource "muster_fleet" "it" {
  cluster_uuid            = muster_cluster.it.uuid
  autoscaling_group       = "${group}"
  nodes                   = 1
  empty_shared_on_destroy = ${isToEmpty}
}
`;

describe("the files of a cluster whose fleet is destroyed, by real terraform", () => {
  let setting: Setting;
  let org: TestOrg;
  let workspace: Workspace;
  let head: FakeHead;
  const files = async () => (await org.cluster((await org.findUuid("demo")) ?? ""))?.files;

  beforeAll(async () => {
    setting = await startSetting();
    ({ org } = setting);
    await Promise.all([org.createGroup(GROUP, 1), org.createGroup("other", 1)]);
    workspace = await setting.workspace();
    head = startFakeHead(org, "demo", GROUP);
    await workspace.configure(fleet(GROUP));
    await workspace.apply();
  });
  afterAll(async () => {
    await head?.stop();
    await setting?.stop();
  });

  test.each<[string, () => Promise<unknown>]>([
    ["on request", () => workspace.run(["apply", "-auto-approve", "-replace=muster_fleet.it"])],
    [
      "because it is tainted, as after a create that failed",
      async () => {
        await workspace.run(["taint", "muster_fleet.it"]);
        await workspace.apply();
      },
    ],
    [
      "because its group is another",
      async () => {
        head.groupName = "other";
        await workspace.configure(fleet("other"));
        await workspace.apply();
        head.groupName = GROUP;
        await workspace.configure(fleet(GROUP));
        await workspace.apply();
      },
    ],
    [
      "after a plan to destroy it that was not applied",
      async () => {
        await workspace.run(["plan", "-destroy", "-input=false"]);
        await workspace.run(["apply", "-auto-approve", "-replace=muster_fleet.it"]);
      },
    ],
  ])("stay when it is replaced %s", async (_name, replace) => {
    const { instanceIds } = await org.group(GROUP);
    await replace();
    expect((await org.group(GROUP)).instanceIds).not.toEqual(instanceIds);
    expect(head.emptied).toEqual([]);
    expect(await files()).toBe("kept");
  });

  test("stay where the fleet does not say otherwise", async () => {
    await workspace.configure(fleet(GROUP, false));
    await workspace.apply();
    await workspace.configure(CLUSTER);
    await workspace.apply();
    expect(head.emptied).toEqual([]);
    expect(await files()).toBe("kept");
  });

  test("go with the cluster, while there still are nodes", async () => {
    await workspace.configure(fleet(GROUP));
    await workspace.apply();
    const { exitCode, output } = await workspace.run(["destroy", "-auto-approve"]);
    expect(output).toContain("Destroy complete");
    expect(output).not.toContain("Warning");
    expect(exitCode).toBe(0);
    expect(head.emptied).toEqual([1]);
    expect(await org.runningInstances()).toEqual([]);
  });
});
