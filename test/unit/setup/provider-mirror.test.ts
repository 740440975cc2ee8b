import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AWS_PROVIDER } from "../../../scripts/cli/render/cli-config.js";
import { AWS_PROVIDER_VERSION, findProviderMirror } from "../../../scripts/setup/provider-mirror.js";

describe("the AWS provider's mirror", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "muster-mirror-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A machine with mirrors at these places below the test's folder; nothing else is looked at. */
  function machine(...mirrors: string[]) {
    for (const mirror of mirrors) {
      mkdirSync(join(folder, mirror, AWS_PROVIDER, AWS_PROVIDER_VERSION, "linux_amd64"), { recursive: true });
    }
    return (environment: Record<string, string> = {}): string | undefined =>
      findProviderMirror(
        join(folder, "cache"),
        { HOME: join(folder, "home"), XDG_DATA_DIRS: join(folder, "share"), ...environment },
        [join(folder, "opt"), join(folder, "absent")],
      )?.slice(folder.length + 1);
  }

  test.each([
    ["the user's folder", "home/.terraform.d/plugins"],
    ["the user's data folder", "home/.local/share/terraform/plugins"],
    ["the machine's data folder", "share/terraform/plugins"],
    ["our cache", "cache/terraform-providers"],
    ["a folder below a usual root", "opt/providers"],
    ["the plug-in cache", "home/.terraform.d/plugin-cache"],
  ])("is found in %s", (_, mirror) => {
    expect(machine(mirror)()).toBe(mirror);
  });

  test("is found as the zip that Terraform makes", () => {
    const zip = join(
      folder,
      "opt/zips",
      AWS_PROVIDER,
      `terraform-provider-aws_${AWS_PROVIDER_VERSION}_linux_amd64.zip`,
    );
    mkdirSync(dirname(zip), { recursive: true });
    writeFileSync(zip, "");
    expect(machine()()).toBe("opt/zips");
  });

  test("is nowhere", () => {
    expect(machine()()).toBeUndefined();
  });

  test("the explicit variable comes before everything", () => {
    const find = machine("home/.terraform.d/plugins", "mine");
    expect(find({ MUSTER_TERRAFORM_MIRROR: join(folder, "mine") })).toBe("mine");
  });

  test("fails where the explicit variable names a folder without it", () => {
    const find = machine("home/.terraform.d/plugins");
    expect(() => find({ MUSTER_TERRAFORM_MIRROR: folder })).toThrow(
      /MUSTER_TERRAFORM_MIRROR is .*not contain registry/,
    );
  });

  test("its version is that of the installed bindings", () => {
    const source = readFileSync(require.resolve("@cdktf/provider-aws/lib/provider/index.js"), "utf8");
    expect(/providerVersion: '([^']+)'/.exec(source)?.[1]).toBe(AWS_PROVIDER_VERSION);
  });
});
