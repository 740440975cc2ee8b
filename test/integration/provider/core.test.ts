import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { createWorkspace, unwrapped, type Workspace } from "../../support/provider/terraform.js";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const specimenHcl = (body: string): string => `
variable "password" {
  type      = string
  ephemeral = true
  default   = null
}
resource "muster_specimen" "it" {
  path = "\${path.module}/thing.json"
  ${body}
}
`;
const NESTED = `
  network = { cidr = "10.0.0.0/16" }
  disks   = [{ device = "größe" }, { device = "b", fs = "ext4" }]
  rules = [
    { port = 22, from = ["10.0.0.2", "10.0.0.1"] },
    { port = 443, protocol = "udp" },
    { port = 80 },
    { port = 8470, from = [] },
  ]
  labels = { "日本語" = { value = "x" }, empty = { value = "" } }
  zones  = ["b", "a", "c"]
`;
type Attributes = Readonly<Record<string, unknown>>;

let mirror: TestMirror;
beforeAll(async () => {
  mirror = await buildTestMirror("test/fixtures/provider/specimen.ts");
});
afterAll(() => mirror?.remove());

describe("what the core offers, by real terraform", () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await createWorkspace(mirror.folder, {});
  });
  afterEach(() => workspace.remove());

  async function attributes(): Promise<Attributes> {
    const { resources } = JSON.parse(await workspace.state()) as {
      resources: [{ instances: [{ attributes: Attributes }] }];
    };
    return resources[0].instances[0].attributes;
  }
  const changes = async (): Promise<string> => (await workspace.run(["plan", "-input=false"])).output;

  test("nested attributes, lists, sets and maps: defaults are filled in, and the second plan is clean", async () => {
    await workspace.configure(specimenHcl(NESTED));
    await workspace.apply();
    expect(await attributes()).toMatchObject({
      network: { cidr: "10.0.0.0/16", mode: "open" },
      disks: [
        { device: "größe", fs: "xfs" },
        { device: "b", fs: "ext4" },
      ],
      rules: expect.arrayContaining([
        { port: 22, protocol: "tcp", from: ["10.0.0.1", "10.0.0.2"] },
        { port: 443, protocol: "udp", from: null },
        { port: 80, protocol: "tcp", from: null },
        { port: 8470, protocol: "tcp", from: [] },
      ]),
      labels: { 日本語: { value: "x", note: null }, empty: { value: "", note: null } },
      zones: ["a", "b", "c"],
    });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a set in another order is not a change; another default in one of its elements is", async () => {
    await workspace.configure(specimenHcl(NESTED));
    await workspace.apply();
    const shuffled = NESTED.replace('["b", "a", "c"]', '["c", "b", "a"]').replace(
      '{ port = 443, protocol = "udp" },\n    { port = 80 },',
      '{ port = 80, protocol = "tcp" },\n    { protocol = "udp", port = 443 },',
    );
    expect(shuffled).not.toBe(NESTED);
    await workspace.configure(specimenHcl(shuffled));
    expect(await workspace.plan()).toBe("clean");
    await workspace.configure(specimenHcl(NESTED.replace('protocol = "udp" ', "")));
    await workspace.apply();
    expect((await attributes())["rules"]).toContainEqual({ port: 443, protocol: "tcp", from: null });
    expect(await workspace.plan()).toBe("clean");
  });

  test("what is wrong in a set's element is reported at its attribute", async () => {
    await workspace.configure(specimenHcl("rules = [{ port = 70000 }]"));
    const { exitCode, output } = await workspace.run(["validate"]);
    expect(exitCode).toBe(1);
    expect(output).toContain("rules = [{ port = 70000 }]");
    expect(output.replace(/[│\s]+/g, " ")).toContain("rules[*].port is 70000: it must be a port");
  });

  test("a set's elements that their defaults make the same are reported, and are not a bug of the provider", async () => {
    await workspace.configure(specimenHcl(`rules = [{ port = 80 }, { port = 80, protocol = "tcp" }]`));
    const output = unwrapped(await changes());
    expect(output).toContain("it has elements that differ only in what is left out");
    expect(output).not.toContain("bug in the provider");
  });

  test("null where it can't be is reported at its attribute, which Terraform itself lets pass", async () => {
    await workspace.configure(specimenHcl('network = { cidr = null }\n  zones = ["a", null]'));
    const { exitCode, output } = await workspace.run(["validate"]);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain("network.cidr must not be null");
    expect(unwrapped(output)).toMatch(/zones = \["a", null\] .*zones\[\*\] must not be null/);
  });

  test("a write-only value reaches the provider, again when its version changes, and is never stored", async () => {
    const hcl = (version: number): string =>
      specimenHcl(`password = var.password\n  password_version = ${version}`);
    const applyWith = async (password: string): Promise<Attributes> => {
      const env = { TF_VAR_password: password };
      const { exitCode, output } = await workspace.run(["apply", "-auto-approve", "-input=false"], { env });
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output).not.toContain(password);
      expect(await workspace.state()).not.toContain(password);
      return attributes();
    };
    await workspace.configure(hcl(1));
    const first = await applyWith("first-größe");
    expect(first).toMatchObject({ password: null, password_sha256: sha256("first-größe") });
    expect(await applyWith("other-secret")).toEqual(first);
    await workspace.configure(hcl(2));
    expect(await applyWith("other-secret")).toMatchObject({ password_sha256: sha256("other-secret") });
  });

  test("a sensitive value is hidden in the plan", async () => {
    await workspace.configure(specimenHcl('note = "between us"'));
    const output = await changes();
    expect(output).toContain("(sensitive value)");
    expect(output).not.toContain("between us");
  });

  test("a filled value is the provider's until the user gives one, and kept when it is left out again", async () => {
    await workspace.configure(specimenHcl(""));
    await workspace.apply();
    expect(await attributes()).toMatchObject({ zone: "a" });
    await workspace.configure(specimenHcl('zone = "z"'));
    await workspace.apply();
    expect(await attributes()).toMatchObject({ zone: "z" });
    await workspace.configure(specimenHcl(""));
    expect(await workspace.plan()).toBe("clean");
  });

  test("a state of version 0 is upgraded: the plan is clean, and the next apply stores version 1", async () => {
    await workspace.configure(specimenHcl('zones = ["a", "b"]'));
    await workspace.apply();
    const file = join(workspace.folder, "terraform.tfstate");
    const state = JSON.parse(await readFile(file, "utf8")) as {
      serial: number;
      resources: [{ instances: [{ schema_version: number; attributes: Attributes }] }];
    };
    const [instance] = state.resources[0].instances;
    const { path, id, zone } = instance.attributes;
    const old = { file: path, zones: "a,b", id, zone, forgotten: true };
    Object.assign(instance, { schema_version: 0, attributes: old });
    await writeFile(file, JSON.stringify(state));
    expect(await workspace.plan()).toBe("clean");
    await workspace.configure(specimenHcl('zones = ["a", "b"]\n  password_version = 1'));
    await workspace.apply();
    expect(await workspace.state()).toContain('"schema_version": 1');
    expect(await attributes()).toMatchObject({ path, id, zones: ["a", "b"] });
    expect(await attributes()).not.toHaveProperty("forgotten");
  });

  test("a moved block takes over another type's state: the plan is a move and nothing else", async () => {
    const hcl = (type: string, argument: string): string =>
      `resource "${type}" "it" {\n  ${argument} = "\${path.module}/thing.json"\n}\n`;
    await workspace.configure(hcl("terraform_data", "input"));
    await workspace.apply();
    await writeFile(join(workspace.folder, "thing.json"), JSON.stringify({ id: "thing", zone: "b" }));
    await workspace.configure(
      `${hcl("muster_specimen", "path")}moved {\n  from = terraform_data.it\n  to   = muster_specimen.it\n}\n`,
    );
    const output = await workspace.apply();
    expect(output).toContain("# terraform_data.it has moved to muster_specimen.it");
    expect(output).toContain("0 added, 0 changed, 0 destroyed");
    expect(await attributes()).toMatchObject({ path: "./thing.json", id: "thing", zone: "b" });
  });

  test("the private state outlives plan, refresh and update, and a replacement begins with none", async () => {
    const hcl = (body: string): string => specimenHcl(body).replace("thing.json", "$" + "{var.file}");
    const variable = (file: string) => `variable "file" {\n  default = "${file}"\n}\n`;
    const applied = async (file: string, version: number): Promise<unknown> => {
      await workspace.configure(variable(file) + hcl(`password_version = ${version}`));
      await workspace.apply();
      return (await attributes())["writes"];
    };
    expect(await applied("a", 1)).toBe(1);
    expect(await applied("a", 2)).toBe(2);
    expect(await applied("b", 2)).toBe(1);
  });
});
