import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { EMULATORS } from "../../support/emulators.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const hcl = `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "demo"
  tags = { team = "cfd", env = "prod" }
}
output "uuid" { value = muster_cluster.it.uuid }
output "secret_parameter" { value = muster_cluster.it.secret_parameter }
`;

describe.each(EMULATORS)("a cluster's secret is a part of it, on $name, by real terraform", ({ start }) => {
  let setting: Setting;
  let org: TestOrg;
  let workspace: Workspace;
  let uuid: string;
  beforeAll(async () => {
    setting = await startSetting(start);
    ({ org } = setting);
    workspace = await setting.workspace();
    await workspace.configure(hcl);
    await workspace.apply();
    uuid = String((await workspace.outputs())["uuid"]);
  });
  afterAll(() => setting?.stop());

  const ownParameters = async (of: string) =>
    (await org.parameterNames()).filter((name) => name.includes(of));

  test("deleted by hand, the plan says so and what follows from it, and the apply makes another", async () => {
    const before = await org.secret(uuid);
    const name = String((await workspace.outputs())["secret_parameter"]);
    expect(await ownParameters(uuid)).toEqual([name]);
    await org.deleteSecret(uuid);
    const { output } = await workspace.run(["plan", "-input=false"]);
    expect(output).toMatch(/\+ secret_parameter += \(known after apply\)/);
    expect(output).toContain("0 to add, 1 to change, 0 to destroy");
    expect(unwrapped(output)).toContain("Cluster demo has no secret");
    expect(unwrapped(output)).toContain("The next apply makes another secret. Every token");
    expect(unwrapped(await workspace.apply())).toContain("Cluster demo has a new secret");
    expect((await org.secret(uuid)).value).not.toBe(before.value);
    expect(await org.secretTags(uuid)).toMatchObject({ team: "cfd", env: "prod" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("tags that were taken from it or changed are shown and set back; others' tags are left", async () => {
    await org.changeSecretTags(uuid, { env: "hand", audited: "yes" }, ["team"]);
    const { output } = await workspace.run(["plan", "-input=false"]);
    expect(output).toMatch(/~ "env" += "hand" -> "prod"/);
    expect(output).toMatch(/\+ "team" += "cfd"/);
    await workspace.apply();
    expect(await org.secretTags(uuid)).toMatchObject({ team: "cfd", env: "prod", audited: "yes" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("what is left of a cluster whose item was deleted by hand goes, whether it is made anew or destroyed", async () => {
    await org.deleteCluster(uuid);
    const { output } = await workspace.run(["plan", "-input=false"]);
    expect(output).toContain("muster_cluster.it must be replaced");
    await workspace.apply();
    const again = String((await workspace.outputs())["uuid"]);
    expect(again).not.toBe(uuid);
    expect(await ownParameters(uuid)).toEqual([]);
    expect(await org.uuidsNamed("demo")).toEqual([again]);
    await org.deleteCluster(again);
    expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    expect(await org.parameterNames()).toEqual([]);
  });
});
