import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { TAG } from "../../../agent/contract/names.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const hcl = (defaults: string, tags: string): string => `
resource "terraform_data" "later" {
  input = "known-later"
}
provider "muster" {
  org = "acme"
  default_tags {
    tags = ${defaults}
  }
}
resource "muster_cluster" "it" {
  name = "demo"
  tags = ${tags}
}
data "muster_cluster" "it" {
  uuid = muster_cluster.it.uuid
}
output "uuid" { value = muster_cluster.it.uuid }
output "seen" { value = data.muster_cluster.it.tags }
`;

interface Tagged {
  readonly tags: unknown;
  readonly tags_all: unknown;
}

describe("default_tags, by real terraform", () => {
  let setting: Setting;
  let workspace: Workspace;
  beforeAll(async () => {
    setting = await startSetting();
    workspace = await setting.workspace();
  });
  afterAll(() => setting?.stop());

  const uuid = async (): Promise<string> => String((await workspace.outputs())["uuid"]);
  async function inState(of: Workspace): Promise<Tagged> {
    const { resources } = JSON.parse(await of.state()) as {
      resources: { type: string; mode: string; instances: [{ attributes: Tagged }] }[];
    };
    const cluster = resources.find(({ type, mode }) => type === "muster_cluster" && mode === "managed");
    const { tags, tags_all } = cluster?.instances[0].attributes ?? { tags: null, tags_all: null };
    return { tags, tags_all };
  }
  /** On the registry's item and on the secret, there beside Muster's own. */
  async function expectOnAws(tags: Readonly<Record<string, string>>): Promise<void> {
    const made = await uuid();
    expect((await setting.org.cluster(made))?.tags).toEqual(tags);
    const own = { [TAG.ORG]: "acme", [TAG.CLUSTER]: made, [TAG.CLUSTER_NAME]: "demo" };
    expect(await setting.org.secretTags(made)).toEqual({ ...tags, ...own });
  }

  test("a resource's own win; all of them are planned, stored, and put where tags are", async () => {
    await workspace.configure(
      hcl('{ team = "cfd", env = "test", cost = "7" }', '{ env = "prod", none = null }'),
    );
    const { output } = await workspace.run(["plan", "-input=false"]);
    expect(output.slice(output.indexOf("tags_all"))).toMatch(
      /^tags_all += \{\s+\+ "cost" += "7"\s+\+ "env" += "prod"\s+\+ "team" += "cfd"\s+\}/,
    );
    await workspace.apply();
    const all = { team: "cfd", env: "prod", cost: "7" };
    expect(await inState(workspace)).toEqual({ tags: { env: "prod", none: null }, tags_all: all });
    expect((await workspace.outputs())["seen"]).toEqual(all);
    await expectOnAws(all);
    expect(await workspace.plan()).toBe("clean");
  });

  test("a change of the defaults alone updates tags_all in place, and nothing else", async () => {
    const before = await uuid();
    await workspace.configure(hcl('{ team = "lbm" }', '{ env = "prod", none = null }'));
    const { output } = await workspace.run(["plan", "-input=false", "-out=saved"]);
    expect(output).toContain('"team" = "cfd" -> "lbm"');
    expect(output).toContain("0 to add, 1 to change, 0 to destroy");
    expect(output).not.toContain("~ tags  ");
    await workspace.run(["apply", "saved"]);
    expect(await uuid()).toBe(before);
    await expectOnAws({ team: "lbm", env: "prod" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("tags changed by hand are shown and set back; a secret that can't be tagged is tried again", async () => {
    await setting.org.setCluster(await uuid(), { tags: { team: "hand", env: "prod", more: "x" } });
    expect(await workspace.plan()).toBe("changes");
    await setting.emulator.injectFault({
      service: "ssm",
      action: "AddTagsToResource",
      response: { code: "AccessDeniedException", message: "no ssm:AddTagsToResource", status: 400 },
    });
    const failed = await workspace.run(["apply", "-auto-approve"]);
    await setting.emulator.clearFaults();
    expect(unwrapped(failed.output)).toContain("Could not change the tags of the secret of cluster");
    expect(await workspace.plan()).toBe("changes");
    await workspace.apply();
    await expectOnAws({ team: "lbm", env: "prod" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("an imported cluster's own tags are all but the defaults", async () => {
    const other = await setting.workspace();
    await other.configure(hcl('{ team = "lbm" }', '{ env = "prod" }'));
    await other.run(["import", "muster_cluster.it", await uuid()]);
    expect(await inState(other)).toEqual({ tags: { env: "prod" }, tags_all: { team: "lbm", env: "prod" } });
    const { output } = await other.run(["plan", "-input=false"]);
    expect(output).not.toContain("muster_cluster.it will be");
  });

  test("defaults that are known only when applied are put into the plan as unknown", async () => {
    const other = await setting.workspace();
    await other.configure(
      hcl("{ run = terraform_data.later.output }", "{ env = null }").replace('"demo"', '"other"'),
    );
    const { output } = await other.run(["plan", "-input=false"]);
    expect(output).toMatch(/tags_all += \(known after apply\)/);
    await other.apply();
    expect(await inState(other)).toEqual({ tags: { env: null }, tags_all: { run: "known-later" } });
    expect(await other.plan()).toBe("clean");
    expect((await other.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
  });

  test("what no tag can be is reported at its place, also where it takes both", async () => {
    await workspace.configure(hcl('{ "aws:x" = "y" }', "{}"));
    const wrong = await workspace.run(["plan", "-input=false"]);
    expect(wrong.exitCode).toBe(1);
    expect(unwrapped(wrong.output)).toContain('tags = { "aws:x" = "y" }');
    const many = (prefix: string) => `{ for n in range(30) : "${prefix}\${n}" => "v" }`;
    await workspace.configure(hcl(many("d"), many("r")));
    const tooMany = await workspace.run(["plan", "-input=false"]);
    expect(unwrapped(tooMany.output)).toContain("default_tags together must hold at most 47 tags");
  });
});
