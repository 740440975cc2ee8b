import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { roleToken } from "../../../agent/contract/tokens.js";
import { runProgram } from "../../../scripts/system/program.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { EMULATORS, type Emulator, shareByEmulator } from "../../support/emulators.js";
import type { TestOrg } from "../../support/provider/org.js";
import {
  decoded,
  type PluginClient,
  type Reply,
  startPlugin,
  UNKNOWN,
  value,
} from "../../support/provider/plugin-client.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import type { Workspace } from "../../support/provider/terraform.js";

const NOWHERE = "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21";
const TOKEN = "muster_token";
// The program that the token is given to writes its digest, which proves the very value and tells nobody.
const tokenHcl = (role: string, uuid = "muster_cluster.it.uuid"): string => `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "demo"
}
ephemeral "muster_token" "it" {
  cluster_uuid = ${uuid}
  role         = "${role}"
}
resource "terraform_data" "use" {
  triggers_replace = ["${role}"]
  provisioner "local-exec" {
    command     = "printf %s \\"$TOKEN\\" | sha256sum | cut -c1-64 > digest"
    environment = { TOKEN = ephemeral.muster_token.it.token }
  }
}
output "uuid" { value = muster_cluster.it.uuid }
`;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Everything in the plan file, unpacked. */
async function planFileContent(workspace: Workspace): Promise<string> {
  const unpack =
    "import sys,zipfile\nz=zipfile.ZipFile('plan.zip')\nfor n in z.namelist(): sys.stdout.write(n+'\\n'+z.read(n).decode('latin-1')+'\\n')";
  const lines: string[] = [];
  await runProgram(["python3", "-c", unpack], {
    cwd: workspace.folder,
    env: { PATH: process.env["PATH"] ?? "", PYTHONIOENCODING: "latin-1" },
    onLine: (line) => lines.push(line),
  });
  return lines.join("\n");
}

let setting: Setting;
let emulator: TestEmulator;
let org: TestOrg;
const settingOn = shareByEmulator(startSetting);
function useSetting(start: Emulator["start"]): void {
  beforeAll(async () => {
    setting = await settingOn(start);
    ({ emulator, org } = setting);
  });
}

describe.each(EMULATORS)("muster_token on $name, by real terraform", ({ start }) => {
  let workspace: Workspace;
  useSetting(start);
  beforeAll(async () => {
    workspace = await setting.workspace();
  });

  test.each(["reader", "operator"] as const)(
    "gives the %s's token to what asks for it, and leaves it nowhere: no state, no plan file, no output, no log",
    async (role) => {
      await workspace.configure(tokenHcl(role));
      const planned = await workspace.run(["plan", "-input=false", "-out=plan.zip"]);
      expect(planned.exitCode).toBe(0);
      const applied = await workspace.run(["apply", "-input=false", "plan.zip"], {
        env: { TF_LOG: "TRACE", TF_LOG_PATH: "trace.log" },
      });
      expect(applied).toMatchObject({ exitCode: 0 });
      const { value: secret } = await org.secret(String((await workspace.outputs())["uuid"]));
      const token = roleToken(secret, role);
      expect((await readFile(join(workspace.folder, "digest"), "utf8")).trim()).toBe(sha256(token));
      const plan = await planFileContent(workspace);
      expect(plan).toContain("muster_cluster");
      const log = await readFile(join(workspace.folder, "trace.log"), "utf8");
      expect(log).toContain(TOKEN);
      for (const kept of [plan, log, await workspace.state(), planned.output, applied.output]) {
        expect(kept).not.toContain(token);
        expect(kept).not.toContain(secret);
      }
    },
  );

  test("is no difference in a second plan", async () => {
    expect(await workspace.plan()).toBe("clean");
  });

  test.each([
    [
      "a role that is for agents only",
      tokenHcl("peer"),
      'role is "peer": it must be one of reader, operator',
    ],
    ["a UUID that is none", tokenHcl("reader", '"größe"'), "must be a cluster's UUID"],
    ["a cluster that is not there", tokenHcl("reader", `"${NOWHERE}"`), `Cluster ${NOWHERE} has no secret`],
  ])("fails clearly for %s", async (_name, hcl, expected) => {
    const bad = await setting.workspace();
    await bad.configure(hcl);
    const { exitCode, output } = await bad.run(["plan", "-input=false"]);
    expect(exitCode).toBe(1);
    expect(output.replace(/[│\s]+/g, " ")).toContain(expected);
  });
});

describe("muster_token, call by call", () => {
  useSetting(startEmulator);
  let plugin: PluginClient;
  beforeAll(async () => {
    plugin = await startPlugin(setting.mirror.program, emulator.env);
    await plugin.call("ConfigureProvider", { config: value({ org: "acme", region: null }) });
  });
  afterAll(() => {
    plugin?.disconnect();
    plugin?.process.kill("SIGTERM");
  });
  const asking = (part: object): object => ({
    type_name: TOKEN,
    config: value({ cluster_uuid: NOWHERE, role: "reader", token: null, ...part }),
  });

  test("is listed; its token is sensitive and computed", async () => {
    expect((await plugin.call("GetMetadata")).ephemeral_resources).toEqual([{ type_name: TOKEN }]);
    const { ephemeral_resource_schemas } = await plugin.call("GetProviderSchema");
    const { attributes } = ephemeral_resource_schemas[TOKEN].block;
    const sensitive = attributes.filter((attribute: Reply) => attribute.sensitive);
    expect(sensitive).toMatchObject([{ name: "token", computed: true, optional: false }]);
  });

  test("opens without a renewal, and renew and close succeed", async () => {
    const uuid = String(await org.findUuid("demo"));
    const { result, renew_at, diagnostics } = await plugin.call(
      "OpenEphemeralResource",
      asking({ cluster_uuid: uuid }),
    );
    expect(diagnostics).toEqual([]);
    expect(renew_at).toBeUndefined();
    expect(decoded(result)).toEqual({
      cluster_uuid: uuid,
      role: "reader",
      token: roleToken((await org.secret(uuid)).value, "reader"),
    });
    const held = { type_name: TOKEN, private: Buffer.from("x") };
    expect(await plugin.call("RenewEphemeralResource", held)).toMatchObject({
      diagnostics: [],
    });
    expect(await plugin.call("CloseEphemeralResource", held)).toMatchObject({ diagnostics: [] });
  });

  test.each([
    ["unknown", { cluster_uuid: UNKNOWN }, "The configuration is not known yet"],
    ["of another type", { role: 7 }, `Malformed value: can't open ${TOKEN}`],
    ["of a cluster without a secret", {}, `Cluster ${NOWHERE} has no secret`],
  ])("open fails with a diagnostic and no result: %s", async (_name, part, summary) => {
    expect(await plugin.call("OpenEphemeralResource", asking(part))).toMatchObject({
      result: null,
      diagnostics: [{ severity: "ERROR", summary }],
    });
  });

  test.each([
    ["unknown values pass", { cluster_uuid: UNKNOWN, role: UNKNOWN }, []],
    ["empty", { cluster_uuid: "", role: "" }, ["Invalid cluster_uuid", "Invalid role"]],
    ["non-ASCII", { role: "größe" }, ["Invalid role"]],
  ])("validate: %s", async (_name, part, summaries) => {
    const { diagnostics } = await plugin.call("ValidateEphemeralResourceConfig", asking(part));
    expect(diagnostics.map(({ summary }: Reply) => summary)).toEqual(summaries);
  });
});
