import { beforeEach, describe, expect, test } from "@jest/globals";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const MIRROR = "/opt/muster/dist/terraform-mirror";

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.files.set(`${MIRROR}/registry.terraform.io/x`, Buffer.from(""));
});

describe("muster tfrc", () => {
  test("prints where the package's own provider is", async () => {
    expect(await world.run("tfrc")).toBe(0);
    expect(world.out).toContain(
      `path    = "${MIRROR}"\n    include = ["registry.terraform.io/muster/muster"]`,
    );
    expect(world.out).toContain('exclude = ["registry.terraform.io/muster/muster"]');
  });

  test("takes the AWS provider from a mirror that is named; --json is one document", async () => {
    expect(await world.run("tfrc", "--json", "--aws-mirror", "/m")).toBe(0);
    const { mirror, awsMirror, text } = JSON.parse(world.out) as Record<string, string>;
    expect({ mirror, awsMirror }).toEqual({ mirror: MIRROR, awsMirror: "/m" });
    expect(text).toContain('path    = "/m"');
  });

  test("fails where the command came alone, and says what to do", async () => {
    world.files.clear();
    expect(await world.run("tfrc")).toBe(1);
    expect(world.out).toBe("");
    expect(world.said.join()).toMatch(/comes without the Terraform provider: .*Install the package/);
  });

  test("its help has an example and the exit statuses", async () => {
    expect(await world.run("tfrc", "--help")).toBe(0);
    for (const part of ["$ muster tfrc", "--json", "4 timed out"]) expect(world.out).toContain(part);
  });
});
