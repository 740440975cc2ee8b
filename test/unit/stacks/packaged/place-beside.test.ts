import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { placeBeside } from "../../../../stacks/packaged/system/place-beside.js";

const ADDRESS = "registry.terraform.io/muster/muster";
const PLATFORMS = ["darwin_arm64", "linux_amd64"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-place-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A mirror with one version of the provider. */
function makeMirror(version: string): string {
  const mirror = join(folder, `mirror-${version}`);
  for (const platform of PLATFORMS) {
    const at = join(mirror, ADDRESS, version, platform);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `terraform-provider-muster_v${version}`), `program ${version}\n`);
    writeFileSync(join(at, "package.json"), "{}\n");
  }
  return mirror;
}

function makeStack(name: string, version: string): string {
  const stack = join(folder, name);
  mkdirSync(stack, { recursive: true });
  const required_providers = {
    aws: { source: "aws", version: "5.100.0" },
    muster: { source: "muster/muster", version },
  };
  writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify({ terraform: { required_providers } }));
  return stack;
}

const placed = (stack: string) => readdirSync(join(stack, "terraform.d/plugins", ADDRESS));
const lockOf = (stack: string) => readFileSync(join(stack, ".terraform.lock.hcl"), "utf8");

test("each stack gets the mirror's programs where Terraform looks, and a lock with their checksum", () => {
  const stacks = ["one", "two"].map((name) => makeStack(name, "0.1.0"));
  placeBeside(makeMirror("0.1.0"), stacks);
  for (const stack of stacks) {
    expect(placed(stack)).toEqual(["0.1.0"]);
    const at = join(stack, "terraform.d/plugins", ADDRESS, "0.1.0");
    expect(readdirSync(at).sort()).toEqual(PLATFORMS);
    expect(readFileSync(join(at, "linux_amd64/terraform-provider-muster_v0.1.0"), "utf8")).toBe(
      "program 0.1.0\n",
    );
    // sha256sum of each file, in the form `<sum>  <name>\n`, sorted by name; of these lines the SHA-256, in Base64.
    expect(lockOf(stack)).toContain(
      `provider "${ADDRESS}" {\n  version     = "0.1.0"\n  constraints = "0.1.0"\n  hashes = [\n    "h1:59D6+PmOFbZz9Kvrxsi26G3uRMuVU/OaJJislI4lyaQ=",`,
    );
    expect(lockOf(stack)).toContain('hashicorp/aws" {\n  version     = "5.100.0"\n');
  }
});

test("after an upgrade the version before is gone", () => {
  const stack = makeStack("one", "0.1.0");
  placeBeside(makeMirror("0.1.0"), [stack]);
  makeStack("one", "0.2.0");
  placeBeside(makeMirror("0.2.0"), [stack]);
  expect(placed(stack)).toEqual(["0.2.0"]);
  expect(lockOf(stack)).not.toContain("0.1.0");
});

test("a second time changes nothing", () => {
  const stack = makeStack("one", "0.1.0");
  const mirror = makeMirror("0.1.0");
  placeBeside(mirror, [stack]);
  const before = lockOf(stack);
  placeBeside(mirror, [stack]);
  expect(lockOf(stack)).toBe(before);
  expect(placed(stack)).toEqual(["0.1.0"]);
});

test("a package without its provider fails", () => {
  expect(() => placeBeside(join(folder, "none"), [])).toThrow(/ENOENT.*muster\/muster/);
});
