import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeImage, parsePackages } from "../../../scripts/image/definition.js";

describe("the image's key", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "image-"));
    cpSync("agent/image", join(folder, "agent/image"), { recursive: true });
    cpSync("scripts/image", join(folder, "scripts/image"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const key = (): string => describeImage(folder, "/cache").key;

  test("follows from the ingredients alone", () => {
    expect(describeImage(folder, "/cache")).toEqual(describeImage(".", "/cache"));
    writeFileSync(join(folder, "scripts/image/build.ts"), "// the builder is no ingredient");
    writeFileSync(join(folder, "agent/image/ingredients.ts"), "// nor is their list");
    expect(key()).toBe(describeImage(".", "/cache").key);
  });

  test.each([
    "agent/image/recipe.sh",
    "agent/image/requirements.txt",
    "agent/image/node.txt",
    "agent/image/hydra.txt",
    "agent/image/intel-mpi.txt",
    "agent/image/uv.txt",
    "agent/image/notebook.txt",
    "agent/image/check-notebook.sh",
    "agent/image/files/usr/lib/muster/ec2-user-data",
    "scripts/image/bake.sh",
  ])("changes with %s", (name) => {
    const before = key();
    appendFileSync(join(folder, name), "\n");
    expect(key()).not.toBe(before);
  });

  test("changes with a file's mode", () => {
    const before = key();
    chmodSync(join(folder, "agent/image/files/usr/lib/muster/ec2-user-data"), 0o644);
    expect(key()).not.toBe(before);
  });
});

test("parsePackages reads dpkg's and pip's lists and skips other lines", () => {
  expect(parsePackages("mpich=4.3.0+really4.2.1-1\nnumpy==2.4.6\n-e git+x\n")).toEqual({
    mpich: "4.3.0+really4.2.1-1",
    numpy: "2.4.6",
  });
});
