import { appendFileSync, chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import { describeImage, parsePackages } from "../../../scripts/image/definition.js";

describe("the image's key", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "image-"));
    cpSync("agent/image", folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const key = (): string => describeImage(folder, "/cache").key;

  test("follows from the ingredients alone", () => {
    expect(describeImage(folder, "/cache")).toEqual(describeImage("agent/image", "/cache"));
    writeFileSync(join(folder, "build.ts"), "// the builder is no ingredient");
    expect(key()).toBe(describeImage("agent/image", "/cache").key);
  });

  test.each(["recipe.sh", "requirements.txt", "files/usr/lib/muster/ec2-user-data"])(
    "changes with %s",
    (name) => {
      const before = key();
      appendFileSync(join(folder, name), "\n");
      expect(key()).not.toBe(before);
    },
  );

  test("changes with a file's mode", () => {
    const before = key();
    chmodSync(join(folder, "files/usr/lib/muster/ec2-user-data"), 0o644);
    expect(key()).not.toBe(before);
  });
});

test("parsePackages reads dpkg's and pip's lists and skips other lines", () => {
  expect(parsePackages("mpich=4.3.0+really4.2.1-1\nnumpy==2.4.6\n-e git+x\n")).toEqual({
    mpich: "4.3.0+really4.2.1-1",
    numpy: "2.4.6",
  });
});

test("the packet filter lets root alone answer at the agents' port", () => {
  const rules = readFileSync("agent/image/files/etc/nftables.conf", "utf8");
  expect(rules).toContain(`tcp sport ${AGENT_PORT} meta skuid != 0 counter drop`);
});
