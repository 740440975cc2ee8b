import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const hcl = (name: string, more = ""): string => `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "${name}"
}
${more}
`;
const APPLY = ["apply", "-auto-approve", "-input=false"] as const;
const DESTROY = ["destroy", "-auto-approve", "-input=false"] as const;

describe("a cluster's name is its alone in the org, by real terraform", () => {
  let setting: Setting;
  let org: TestOrg;
  let workspace: Workspace;
  beforeAll(async () => {
    setting = await startSetting();
    ({ org } = setting);
    workspace = await setting.workspace();
    await workspace.configure(hcl("alpha"));
    await workspace.apply();
  });
  afterAll(() => setting?.stop());

  const configured = async (name: string, more = "") => {
    const space = await setting.workspace();
    await space.configure(hcl(name, more));
    return space;
  };

  test("a lost state makes no second cluster: it is refused, with how the first one is imported", async () => {
    const uuid = await org.findUuid("alpha");
    const lost = await configured("alpha");
    const { exitCode, output } = await lost.run(APPLY);
    expect(exitCode).toBe(1);
    const text = unwrapped(output);
    expect(text).toContain("Org acme has a cluster alpha already");
    expect(text).toMatch(new RegExp(`${uuid}, status NEW, since 20`));
    expect(text).toContain(`terraform import ADDRESS ${uuid}`);
    expect((await lost.run(["state", "list"])).output).toBe("");
    expect(await org.uuidsNamed("alpha")).toEqual([uuid]);
  });

  test("it is imported by its name, as by its UUID", async () => {
    const lost = await configured("alpha");
    expect((await lost.run(["import", "muster_cluster.it", "alpha"])).output).toContain("Import successful");
    expect(await lost.plan()).toBe("clean");
    expect(JSON.parse(await lost.state()).resources[0].instances[0].attributes.uuid).toBe(
      await org.findUuid("alpha"),
    );
    const none = await configured("alpha");
    const { exitCode, output } = await none.run(["import", "muster_cluster.it", "nobody"]);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain('There is no cluster named "nobody"');
  });

  test("of two applies at once one wins", async () => {
    const spaces = await Promise.all([configured("race"), configured("race"), configured("race")]);
    const ends = await Promise.all(spaces.map((space) => space.run(APPLY)));
    expect(ends.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1, 1]);
    for (const { output } of ends.filter(({ exitCode }) => exitCode === 1)) {
      expect(unwrapped(output)).toContain("Org acme has a cluster race already");
    }
    expect(await org.uuidsNamed("race")).toHaveLength(1);
    for (const space of spaces) expect((await space.run(DESTROY)).exitCode).toBe(0);
    expect(await org.uuidsNamed("race")).toEqual([]);
  });

  test("a destroyed cluster's name is free again, and so is one whose items were deleted by hand", async () => {
    const space = await configured("again");
    await space.apply();
    expect((await space.run(DESTROY)).exitCode).toBe(0);
    await space.apply();
    await org.deleteCluster((await org.findUuid("again")) ?? "");
    const fresh = await configured("again");
    await fresh.apply();
    expect(await org.uuidsNamed("again")).toHaveLength(1);
  });

  test("a new name frees the old one, and one that is taken is refused", async () => {
    const space = await configured("before");
    await space.apply();
    await space.configure(hcl("after"));
    await space.apply();
    const other = await configured("before");
    await other.apply();
    await other.configure(hcl("after"));
    const { exitCode, output } = await other.run(APPLY);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain("Org acme has a cluster after already");
  });

  test("a cluster from before names were kept has its name all the same", async () => {
    const old = await configured("old");
    await old.apply();
    await org.deleteName("old");
    const refused = await (await configured("old")).run(APPLY);
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.output)).toContain("Org acme has a cluster old already");
    expect(await org.uuidsNamed("old")).toHaveLength(1);
  });

  test("a data source that finds two fails and lists both; destroy works without it", async () => {
    const space = await configured("twice", 'data "muster_cluster" "it" {\n  name = "twice"\n}');
    await space.run([...APPLY, "-target=muster_cluster.it"]);
    const first = await org.cluster((await org.findUuid("twice")) ?? "");
    if (first === null) throw new Error("the first cluster was not made");
    const { pk, sk, uuid, ...rest } = { pk: "", sk: "", ...first };
    expect([pk, sk]).toEqual([`CLUSTER#${uuid}`, "META"]);
    const second = "11111111-2222-4333-8444-555555555555";
    await org.setCluster(second, { ...rest, uuid: second });
    const { exitCode, output } = await space.run(["plan", "-input=false"]);
    expect(exitCode).toBe(1);
    const text = unwrapped(output);
    expect(text).toContain('2 clusters are named "twice"');
    expect(text).toContain(second);
    expect(text).toContain("terraform destroy -refresh=false");
    expect((await space.run([...DESTROY, "-refresh=false"])).exitCode).toBe(0);
    expect(await org.sortKeys(uuid)).toEqual([]);
  });
});
