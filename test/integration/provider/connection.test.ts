import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestEmulator } from "../../support/emulator.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:1";
const SECRET_KEY = "a-secret-access-key-of-nobody";
const ROLE = "arn:aws:iam::123456789012:role/deploy";

const hcl = (provider: string, count = 1): string => `
provider "muster" {
  org = "acme"
  ${provider}
}
resource "muster_cluster" "it" {
  count = ${count}
  name  = "demo-\${count.index}"
}
output "uuid" { value = muster_cluster.it[0].uuid }
`;

describe("the provider's configuration, by real terraform", () => {
  let setting: Setting;
  let emulator: TestEmulator;
  let org: TestOrg;
  let workspace: Workspace;

  beforeAll(async () => {
    setting = await startSetting();
    ({ emulator, org } = setting);
    workspace = await setting.workspace({ AWS_SECRET_ACCESS_KEY: SECRET_KEY });
  });
  afterEach(() => emulator.clearFaults());
  afterAll(() => setting?.stop());

  const applyWith = async (provider: string, env: Readonly<Record<string, string>>, count = 1) => {
    await workspace.configure(hcl(provider, count));
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"], { env });
    return { exitCode, output: output.replace(/[\s│]+/g, " "), lines: output };
  };

  test("logs each call with its request id, and no secret, under TF_LOG", async () => {
    const { exitCode, lines } = await applyWith("", { TF_LOG: "TRACE" });
    expect(exitCode).toBe(0);
    // Terraform writes a line's fields in any order.
    expect(lines).toMatch(/AWS call: (?=.*command=PutParameterCommand)(?=.*request_id=\S+)/);
    const uuid = String((await workspace.outputs())["uuid"]);
    const { value } = await org.secret(uuid);
    for (const secret of [value, SECRET_KEY]) expect(lines).not.toContain(secret);
  });

  test("each service's own endpoint is honoured, before the common one", async () => {
    const own = ["DYNAMODB", "SSM", "STS", "EC2", "AUTO_SCALING"].map((service) => [
      `AWS_ENDPOINT_URL_${service}`,
      emulator.url,
    ]);
    const env = { AWS_ENDPOINT_URL: NOWHERE, ...Object.fromEntries(own) };
    expect((await applyWith("", env)).exitCode).toBe(0);
    const { exitCode, output } = await applyWith("", { ...env, AWS_ENDPOINT_URL_DYNAMODB: NOWHERE });
    expect(exitCode).toBe(1);
    expect(output).toContain("ECONNREFUSED");
    expect(output).toContain(`at ${NOWHERE}`);
  });

  test.each([
    ["nobody has", "http://nowhere.invalid:8000", "at http://nowhere.invalid:8000"],
    ["is none", "not-a-url", 'at "not-a-url"'],
  ])("an endpoint that %s is named, with where it is set", async (_name, url, named) => {
    const { exitCode, output } = await applyWith("", { AWS_ENDPOINT_URL: url });
    expect(exitCode).toBe(1);
    expect(output).toContain(named);
    expect(output).toContain(
      "Check that the service is reached there (endpoints of the provider, AWS_ENDPOINT_URL",
    );
  });

  test("endpoints that are configured come before what the environment says, each service's", async () => {
    const services = ["autoscaling", "dynamodb", "ec2", "ssm", "sts"];
    const variables = ["AUTO_SCALING", "DYNAMODB", "EC2", "SSM", "STS"];
    const lost = Object.fromEntries(variables.map((name) => [`AWS_ENDPOINT_URL_${name}`, NOWHERE]));
    const given = (url: string) => services.map((name) => `${name} = "${url}"`).join("\n");
    const asking = (url: string) => `
provider "muster" {
  org                 = "acme"
  allowed_account_ids = ["123456789012"]
  endpoints {
    ${given(url)}
  }
}
data "muster_instance_types" "all" {}
resource "muster_cluster" "it" { name = "endpoints" }
resource "muster_fleet" "it" {
  cluster_uuid      = muster_cluster.it.uuid
  autoscaling_group = "no-such-group"
  nodes             = length(data.muster_instance_types.all.names) > 0 ? 1 : 2
}
`;
    const fresh = await setting.workspace({ AWS_ENDPOINT_URL: NOWHERE, ...lost });
    await fresh.configure(asking(emulator.url));
    const reached = unwrapped((await fresh.run(["apply", "-auto-approve"])).output);
    expect(reached).toContain("no-such-group");
    expect(reached).not.toContain("ECONNREFUSED");
    await fresh.configure(asking(NOWHERE));
    const missed = await fresh.run(["plan"], { env: emulator.env });
    expect(missed.exitCode).toBe(1);
    expect(missed.output).toContain("ECONNREFUSED");
  });

  test("credentials of a wrong account are refused before anything is done, at the rule", async () => {
    await workspace.configure(hcl('forbidden_account_ids = ["123456789012"]'));
    const { exitCode, output } = await workspace.run(["plan", "-refresh=false"]);
    expect(exitCode).toBe(1);
    expect(output).toContain("Forbidden AWS account");
    expect(output).toMatch(/on main\.tf line \d+, in provider "muster"/);
    expect(output.match(/Error:/g)).toHaveLength(1);
  });

  test("takes a profile's credentials, and fails for one that does not exist", async () => {
    const file = join(workspace.folder, "credentials");
    await writeFile(file, "[deploy]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n");
    const env = {
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
    };
    expect((await applyWith('profile = "deploy"', env)).exitCode).toBe(0);
    const { exitCode, output } = await applyWith('profile = "nobody"', env);
    expect(exitCode).toBe(1);
    expect(output).toContain('Could not find AWS credentials of profile "nobody"');
    const named = await applyWith("", { ...env, AWS_PROFILE: "nope" });
    expect(named.exitCode).toBe(1);
    expect(named.output).toContain('Could not find AWS credentials of profile "nope" (AWS_PROFILE)');
  });

  test("works as the role that it assumes, and says which one it may not", async () => {
    const role = `assume_role {\n role_arn = "${ROLE}"\n external_id = "x-1"\n duration = "30m"\n }`;
    const { exitCode, lines } = await applyWith(role, { TF_LOG: "DEBUG" });
    expect(exitCode).toBe(0);
    expect(lines).toMatch(/assumed the role: .*assumed-role\/deploy\/terraform-provider-muster/);
    await emulator.injectFault({
      service: "sts",
      action: "AssumeRole",
      response: { code: "AccessDenied", message: "not trusted", status: 403 },
    });
    const refused = await applyWith(role, {});
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain(`Could not assume the role ${ROLE}`);
    expect(refused.output.match(/Error:/g)).toHaveLength(1);
  });

  test("credentials that AWS does not know are one diagnostic, however many resources are refreshed", async () => {
    expect((await applyWith("", {}, 5)).exitCode).toBe(0);
    await emulator.injectFault({
      service: "dynamodb",
      action: "GetItem",
      response: { code: "UnrecognizedClientException", message: "no such token", status: 400 },
    });
    const { exitCode, output } = await applyWith("", {}, 5);
    expect(exitCode).toBe(1);
    expect(output).toContain("AWS refuses the credentials");
    expect(output).toContain("AWS does not know them");
    expect(output.match(/Error:/g)).toHaveLength(1);
  });

  test("throttling is waited out as often as max_retries says, and no more", async () => {
    const throttleTwice = {
      service: "dynamodb",
      action: "GetItem",
      times: 2,
      response: { code: "ThrottlingException", message: "slow down", status: 400 },
    };
    await emulator.injectFault(throttleTwice);
    expect((await applyWith("max_retries = 2", { AWS_MAX_ATTEMPTS: "1" })).exitCode).toBe(0);
    await emulator.injectFault(throttleTwice);
    const { exitCode, output } = await applyWith("max_retries = 1", { AWS_MAX_ATTEMPTS: "9" });
    expect(exitCode).toBe(1);
    expect(output).toContain("ThrottlingException");
  });

  test("AWS is asked when something exists, and what is not known yet is reported only then", async () => {
    const fresh = await setting.workspace();
    await fresh.configure(`resource "terraform_data" "org" { input = "acme" }
resource "terraform_data" "account" { input = "123456789012" }
provider "muster" {
  org                 = terraform_data.org.output
  allowed_account_ids = [terraform_data.account.output]
}
resource "muster_cluster" "it" { name = "demo" }
`);
    const unasked = await fresh.run(["plan"], { env: { AWS_ENDPOINT_URL: NOWHERE } });
    expect(unasked).toMatchObject({ exitCode: 0, output: expect.stringContaining("3 to add") });
    await fresh.apply();
    const { exitCode, output } = await fresh.run(["plan", "-replace=terraform_data.org"]);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain('org of provider "muster" depends on what is not made yet');
  });

  test("a wrong value is reported with its line, before anything is asked of AWS", async () => {
    await workspace.configure(hcl("max_retries = 0.5"));
    const { exitCode, output } = await workspace.run(["validate"], { env: { AWS_ENDPOINT_URL: NOWHERE } });
    expect(exitCode).toBe(1);
    expect(output).toContain("max_retries is 0.5: it must be a whole number");
    expect(output).toMatch(/on main\.tf line \d+, in provider "muster"/);
  });
});
