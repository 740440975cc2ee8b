import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { bundleProvider, PARTS_FILE, PLATFORMS } from "../../../scripts/build/provider.js";
import { renderRegistryConfig } from "../../../scripts/cli/render/cli-config.js";
import { makeExecutable } from "../../../scripts/package/executable.js";
import { writeRegistry } from "../../../scripts/package/registry.js";
import { packageRelease, type Release } from "../../../scripts/package/release.js";
import { type ServedRegistry, serveRegistry } from "../../../scripts/package/serve-registry.js";
import { createWorkspace } from "../../support/provider/terraform.js";

const ROOT = resolve(__dirname, "../../..");
const MUSTER = 'provider "muster" {\n  org = "acme"\n}\n';
const KEY = "Muster Test <test@example.org>";

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-registry-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe("a signed release, laid out as a registry", () => {
  let release: Release;
  let registry: ServedRegistry;
  const keyRing = process.env["GNUPGHOME"];
  const gpg = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { stdio: "pipe", env: { ...process.env } });
  beforeAll(async () => {
    // GIVEN a key that expires in two years
    const home = join(work, "gnupg");
    await mkdir(home, { mode: 0o700 });
    process.env["GNUPGHOME"] = home;
    gpg("gpg", "--batch", "--passphrase", "", "--quick-generate-key", KEY, "ed25519", "sign", "2y");
    release = await packageRelease(ROOT, { folder: join(work, "release"), signWith: KEY });
    await writeRegistry(release, join(work, "registry"));
    registry = await serveRegistry(join(work, "registry"), 0);
  });
  afterAll(async () => {
    await registry?.stop();
    gpg("gpgconf", "--kill", "all");
    if (keyRing === undefined) delete process.env["GNUPGHOME"];
    else process.env["GNUPGHOME"] = keyRing;
  });

  test("has sums whose signature gpg verifies", () => {
    gpg("gpg", "--batch", "--verify", `${release.sums}.sig`, release.sums);
  });

  test("Terraform locks it for every platform and installs what it has locked", async () => {
    const workspace = await createWorkspace("/nowhere", {});
    try {
      // GIVEN the configuration that `npm run registry` prints
      await writeFile(join(workspace.folder, "cli.tfrc"), renderRegistryConfig(registry.url));
      const required =
        'terraform {\n  required_providers {\n    muster = { source = "muster/muster" }\n  }\n}\n';
      await writeFile(join(workspace.folder, "main.tf"), `${required}${MUSTER}`);
      // WHEN it is locked as cdktf locks it, and for all platforms
      const platforms = PLATFORMS.map((platform) => `-platform=${platform}`);
      const locked = await workspace.run(["providers", "lock", ...platforms]);
      // THEN the lock has the hashes of all of them, and what is installed fits it
      expect(locked).toMatchObject({ exitCode: 0, output: expect.stringContaining("Success!") });
      const lock = await readFile(join(workspace.folder, ".terraform.lock.hcl"), "utf8");
      expect(lock.match(/"zh:/g)?.length).toBeGreaterThanOrEqual(1);
      expect((await workspace.run(["init", "-input=false", "-lockfile=readonly"])).exitCode).toBe(0);
      const schema = await workspace.run(["providers", "schema", "-json"]);
      expect(schema.output).toContain('"muster_cluster"');
    } finally {
      await workspace.remove();
    }
  });

  test("an archive with another byte is refused", async () => {
    const [archive] = release.archives;
    const served = join(work, "registry/v1/providers/muster/muster", release.version, "files");
    const file = join(served, archive?.file.split("/").at(-1) ?? "");
    const whole = await readFile(file);
    const broken = Buffer.from(whole);
    broken[100] = (broken[100] ?? 0) ^ 1;
    await writeFile(file, broken);
    const workspace = await createWorkspace("/nowhere", {});
    try {
      await writeFile(join(workspace.folder, "cli.tfrc"), renderRegistryConfig(registry.url));
      await expect(workspace.configure(MUSTER)).rejects.toThrow(/checksum/);
    } finally {
      await writeFile(file, whole);
      await workspace.remove();
    }
  });

  test("the registry has nothing outside of its folder, and sends other providers' readers on", async () => {
    const path = `${registry.url}/v1/providers/muster/muster/..%2f..%2f..%2f..%2f..%2fetc/passwd`;
    expect((await fetch(path, { redirect: "manual" })).status).toBe(302);
    expect((await fetch(`${registry.url}/v1/providers/muster/muster/none`)).status).toBe(404);
    const aws = await fetch(`${registry.url}/v1/providers/hashicorp/aws/versions`, { redirect: "manual" });
    expect(aws.headers.get("location")).toBe(
      "https://registry.terraform.io/v1/providers/hashicorp/aws/versions",
    );
    expect((await fetch(registry.url, { method: "POST" })).status).toBe(405);
  });
});

test("the provider as one executable serves Terraform where there is no Node.js", async () => {
  const { script, parts, version } = await bundleProvider(ROOT);
  const content = await makeExecutable({
    root: ROOT,
    script,
    assets: { [PARTS_FILE]: parts },
    node: process.execPath,
    runsHere: true,
  });
  const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
  const name = `terraform-provider-muster_v${version}`;
  const program = join(work, "mirror/registry.terraform.io/muster/muster", version, platform, name);
  await mkdir(dirname(program), { recursive: true });
  await writeFile(program, content);
  await chmod(program, 0o755);
  // GIVEN a PATH with Terraform alone, and options of Node.js that would end it
  const bin = join(work, "bin");
  await mkdir(bin);
  const terraform = execFileSync("which", ["terraform"], { encoding: "utf8" }).trim();
  await writeFile(join(bin, "terraform"), `#!/bin/sh\nexec ${terraform} "$@"\n`, { mode: 0o755 });
  const workspace = await createWorkspace(join(work, "mirror"), {
    PATH: bin,
    NODE_OPTIONS: "--no-such-option",
  });
  try {
    await workspace.configure(MUSTER);
    const { exitCode, output } = await workspace.run(["providers", "schema", "-json"]);
    expect(exitCode).toBe(0);
    expect(output).toContain('"muster_cluster"');
  } finally {
    await workspace.remove();
  }
});
