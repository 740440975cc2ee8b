import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ownRecipe } from "../../../../provider/aws/images/recipe-file.js";

describe("the recipe that comes with the provider", () => {
  let folder = "";
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "muster-recipe-file-")));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (path: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    return file;
  };
  const IN_MIRROR = "dist/terraform-mirror/registry.terraform.io/muster/muster/0.1.0/linux_amd64/provider";

  test("is beside a program that Terraform has unpacked", () => {
    const program = put(".terraform/providers/linux_amd64/provider");
    const recipe = put(".terraform/providers/linux_amd64/image-recipe.tar");
    expect(ownRecipe(program)).toBe(recipe);
  });

  test("is in dist/ for a program of the mirror, also through the link that Terraform makes", () => {
    const program = put(IN_MIRROR);
    const link = join(folder, "link");
    symlinkSync(program, link);
    expect(ownRecipe(program)).toBe(join(folder, "dist/image-recipe.tar"));
    expect(ownRecipe(link)).toBe(join(folder, "dist/image-recipe.tar"));
  });

  test("is beside a program of a mirror where a release was unpacked into it", () => {
    const program = put(IN_MIRROR);
    const recipe = put(join(dirname(IN_MIRROR), "image-recipe.tar"));
    expect(ownRecipe(program)).toBe(recipe);
  });

  test("is looked for beside the program where there is none, and not in the working directory", () => {
    const program = put("bin/provider");
    put("image-recipe.tar");
    expect(ownRecipe(program)).toBe(join(folder, "bin/image-recipe.tar"));
  });
});
