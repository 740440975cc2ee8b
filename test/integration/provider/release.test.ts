import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { unzipSync } from "fflate";
import { ownRecipe } from "../../../provider/aws/images/recipe-file.js";
import { packageRelease } from "../../../scripts/package/release.js";
import { createWorkspace } from "../../support/provider/terraform.js";

const ROOT = resolve(__dirname, "../../..");

describe("a release", () => {
  let work = "";
  let files: readonly string[] = [];
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), "muster-release-"));
    ({ files } = await packageRelease(ROOT, { folder: join(work, "first") }));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  test("has an archive for each platform, the manifest, and sums that sha256sum agrees with", async () => {
    const kinds = files.map((file) =>
      basename(file).replace(/^terraform-provider-muster_\d+\.\d+\.\d+_/, ""),
    );
    expect(kinds).toEqual([
      "manifest.json",
      "linux_amd64.zip",
      "linux_arm64.zip",
      "darwin_amd64.zip",
      "darwin_arm64.zip",
      "SHA256SUMS",
    ]);
    const checked = execFileSync("sha256sum", ["--strict", "-c", basename(files.at(-1) ?? "")], {
      cwd: join(work, "first"),
      encoding: "utf8",
    });
    expect(checked.match(/: OK$/gm)).toHaveLength(5);
    const manifest: unknown = JSON.parse(await readFile(files[0] ?? "", "utf8"));
    expect(manifest).toEqual({ version: 1, metadata: { protocol_versions: ["6.0"] } });
  });

  test("has the recipe of images beside the program, where muster_image looks for it, and the license", async () => {
    const packed = unzipSync(await readFile(files.find((file) => file.endsWith("linux_amd64.zip")) ?? ""));
    const [program = ""] = Object.keys(packed);
    expect(Object.keys(packed)).toEqual([
      program,
      "package.json",
      "provider.parts",
      "LICENSE",
      "image-recipe.tar",
    ]);
    const built = await readFile(join(ROOT, "dist/image-recipe.tar"));
    expect(built.equals(packed["image-recipe.tar"] ?? Buffer.alloc(0))).toBe(true);
    const folder = join(work, "unpacked");
    await mkdir(folder);
    for (const [name, content] of Object.entries(packed)) await writeFile(join(folder, name), content);
    expect(ownRecipe(join(folder, program))).toBe(join(await realpath(folder), "image-recipe.tar"));
  });

  test("is the same bytes when made again", async () => {
    const { files: again } = await packageRelease(ROOT, { folder: join(work, "second") });
    for (const [index, file] of again.entries()) {
      expect((await readFile(file)).equals(await readFile(files[index] ?? ""))).toBe(true);
    }
  });

  test("installs from a mirror of packed archives, and Terraform starts what it unpacked", async () => {
    const folder = join(work, "mirror/registry.terraform.io/muster/muster");
    await mkdir(folder, { recursive: true });
    const archives = files.filter((file) => file.endsWith(".zip"));
    for (const archive of archives) await copyFile(archive, join(folder, basename(archive)));
    const workspace = await createWorkspace(join(work, "mirror"), {});
    try {
      await workspace.configure('provider "muster" {\n  org = "acme"\n}\n');
      const { exitCode, output } = await workspace.run(["providers", "schema", "-json"]);
      expect(exitCode).toBe(0);
      expect(output).toContain('"muster_cluster"');
      const installed = await readdir(
        join(workspace.folder, ".terraform/providers/registry.terraform.io/muster/muster"),
      );
      expect(installed).toHaveLength(1);
    } finally {
      await workspace.remove();
    }
  });
});
