import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const provider = (org = "acme"): string => `provider "muster" {\n  org = "${org}"\n}\n`;
// What clusters need; the built-in resource stands for networks and file systems.
const orgHcl = (guard = ""): string => `
resource "terraform_data" "network" {
  input = "vpc-1"
}
resource "muster_teardown_guard" "it" {
  ${guard}
  depends_on = [terraform_data.network]
}
output "network" { value = terraform_data.network.output }
output "guard" { value = muster_teardown_guard.it.id }
`;
const CLUSTER_HCL = `${provider()}resource "muster_cluster" "it" {\n  name = "demo"\n}\noutput "uuid" { value = muster_cluster.it.uuid }\n`;

describe("muster_teardown_guard, by real terraform", () => {
  let setting: Setting;
  let org: TestOrg;
  let orgSpace: Workspace;
  let clusterSpace: Workspace;

  beforeAll(async () => {
    setting = await startSetting();
    ({ org } = setting);
    orgSpace = await setting.workspace();
    clusterSpace = await setting.workspace();
  });
  afterAll(() => setting?.stop());

  test("is made, and the next plan is clean", async () => {
    await orgSpace.configure(provider() + orgHcl());
    await orgSpace.apply();
    expect(await orgSpace.outputs()).toMatchObject({ guard: "acme/us-east-1" });
    expect(await orgSpace.plan()).toBe("clean");
  });

  test("is imported by org and region, and by nothing else; the next plan is clean", async () => {
    const other = await setting.workspace();
    await other.configure(provider() + orgHcl());
    const wrong = await other.run(["import", "muster_teardown_guard.it", "acme"]);
    expect(unwrapped(wrong.output)).toContain('"acme" can\'t be imported: it must be <org>/<region>');
    for (const id of ["nobody/us-east-1", "acme/eu-west-1"]) {
      const foreign = await other.run(["import", "muster_teardown_guard.it", id]);
      expect(foreign.exitCode).toBe(1);
      expect(unwrapped(foreign.output)).toContain(`The guard is of org ${id.replace("/", " in ")}`);
      expect(unwrapped(foreign.output)).toContain("import or make a guard of that name: acme/us-east-1");
    }
    expect((await other.run(["import", "muster_teardown_guard.it", "acme/us-east-1"])).exitCode).toBe(0);
    const { output } = await other.run(["plan", "-input=false", "-target=muster_teardown_guard.it"]);
    expect(output).toContain("1 to add, 0 to change, 0 to destroy");
  });

  test("without clusters the plan of a destroy has no warning", async () => {
    const { exitCode, output } = await orgSpace.run(["plan", "-destroy", "-input=false"]);
    expect(exitCode).toBe(0);
    expect(output).toContain("2 to destroy");
    expect(output).not.toContain("Warning");
  });

  test("with a cluster, also a FAILED one, the plan of a destroy warns with the list", async () => {
    await clusterSpace.configure(CLUSTER_HCL);
    await clusterSpace.apply();
    const uuid = String((await clusterSpace.outputs())["uuid"]);
    await org.setCluster(uuid, { clusterStatus: "FAILED" });
    const { exitCode, output } = await orgSpace.run(["plan", "-destroy", "-input=false"]);
    expect(exitCode).toBe(0);
    expect(output).toContain("Warning: Org acme still has 1 cluster in us-east-1");
    expect(unwrapped(output)).toContain(`demo ${uuid} FAILED`);
  });

  test("destroy is refused with the list, and destroys nothing", async () => {
    const uuid = String((await clusterSpace.outputs())["uuid"]);
    const before = JSON.parse(await orgSpace.state());
    const { exitCode, output } = await orgSpace.run(["destroy", "-auto-approve"]);
    expect(exitCode).toBe(1);
    expect(output).toContain("Error: Org acme still has 1 cluster in us-east-1");
    expect(unwrapped(output)).toContain(`demo ${uuid} FAILED`);
    expect(unwrapped(output)).toContain("Next: destroy these first");
    expect(unwrapped(output)).toContain("taken over first: terraform import muster_cluster.NAME UUID");
    expect(output).not.toContain("terraform_data.network: Destroying");
    const after = JSON.parse(await orgSpace.state());
    expect(after.resources).toEqual(before.resources);
  });

  test('with refuse_at = "plan" the plan fails already, and the outputs stay too', async () => {
    await orgSpace.configure(provider() + orgHcl('refuse_at = "plan"'));
    await orgSpace.apply();
    const before = await orgSpace.state();
    for (const args of [
      ["plan", "-destroy", "-input=false"] as const,
      ["destroy", "-auto-approve"] as const,
    ]) {
      const { exitCode, output } = await orgSpace.run(args);
      expect(exitCode).toBe(1);
      expect(output).toContain("Error: Org acme still has 1 cluster in us-east-1");
    }
    expect(await orgSpace.state()).toBe(before);
    expect(await orgSpace.plan()).toBe("clean");
  });

  test("a refuse_at that there is not is refused with what there is", async () => {
    await orgSpace.configure(provider() + orgHcl(`refuse_at = "never"`));
    const { exitCode, output } = await orgSpace.run(["validate"]);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain('refuse_at is "never": it must be one of apply, plan');
    await orgSpace.configure(provider() + orgHcl('refuse_at = "plan"'));
  });

  test("a provider for another org or region can't talk the guard away", async () => {
    const elsewhere = await orgSpace.run(["destroy", "-auto-approve"], {
      env: { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" },
    });
    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.output).toContain("Error: The guard is of org acme in us-east-1");
  });

  test("a guard is not made where it could see no registry", async () => {
    const other = await setting.workspace();
    await other.configure(provider("nobody") + orgHcl());
    const { exitCode, output } = await other.run(["apply", "-auto-approve"]);
    expect(exitCode).toBe(1);
    expect(output).toContain("Org nobody has no registry in us-east-1");
  });

  test("once the cluster is destroyed, so may be the org, at once", async () => {
    expect((await clusterSpace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    const { exitCode, output } = await orgSpace.run(["destroy", "-auto-approve"]);
    expect(output).toContain("Destroy complete! Resources: 2 destroyed");
    expect(output).not.toContain("Warning");
    expect(exitCode).toBe(0);
  });
});
