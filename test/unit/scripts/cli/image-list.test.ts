import { beforeEach, describe, expect, test } from "@jest/globals";
import { readDeclaredShares } from "../../../../scripts/cli/core/declared-images.js";
import type { ImageCopy, ListedImage } from "../../../../scripts/cli/core/images.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const ACCOUNT = "222222222222";
const copy = (region: string, change: Partial<NonNullable<ImageCopy["ami"]>> = {}): ImageCopy => ({
  region,
  ami: {
    ...{ id: `ami-${region}`, state: "available", stateReason: null },
    ...{ launchableBy: [ACCOUNT], readableBy: [ACCOUNT], ...change },
  },
});
const image = (change: Partial<ListedImage> = {}): ListedImage => ({
  id: "mpi-1.4.0-1f3a9c2b",
  family: "mpi",
  version: "1.4.0",
  createdAt: "2026-11-27T07:00:00.000Z",
  isRelease: false,
  isReplaced: false,
  isWhole: true,
  copies: [
    copy("us-east-1"),
    copy("us-east-2", { state: "pending", launchableBy: [], readableBy: [] }),
    copy("us-west-1", { state: "failed", stateReason: "no such key", launchableBy: [], readableBy: [] }),
    { region: "us-west-2", ami: null },
  ],
  ...change,
});

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
});
const list = (...args: string[]) => world.run("image", "list", "--org", "acme", ...args);

describe("muster image list", () => {
  test.each(["X Y", "", "m"])("refuses the family %j before it asks AWS", async (family) => {
    expect(await list("--family", family)).toBe(2);
    expect(world.said.join("\n")).toContain("Give a family, like mpi");
  });

  test("shows each region, and under it who can't use the image, and why", async () => {
    world.images = [
      image(),
      image({
        id: "mpi-1.3.0-00000000",
        version: "1.3.0",
        isRelease: true,
        isReplaced: true,
        copies: [copy("us-east-1", { launchableBy: [] })],
      }),
    ];
    expect(await list()).toBe(0);
    expect(world.out.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^IMAGE +REGION +AMI +STATE +SHARED +MADE +NOTE$/),
      expect.stringMatching(/^mpi-1\.4\.0-1f3a9c2b +us-east-1 +ami-us-east-1 +available +1 of 1 /),
      expect.stringMatching(/us-east-2 +ami-us-east-2 +pending +0 of 1 /),
      expect.stringMatching(/us-west-1 +ami-us-west-1 +failed +0 of 1 /),
      expect.stringMatching(/us-west-2 +missing +0 of 1 /),
      expect.stringMatching(/^mpi-1\.3\.0-00000000 .* release, replaced$/),
      "",
      `mpi-1.4.0-1f3a9c2b in us-east-2 for account ${ACCOUNT}: PENDING`,
      `mpi-1.4.0-1f3a9c2b in us-west-1 for account ${ACCOUNT}: FAILED: the AMI is failed: no such key`,
      `mpi-1.4.0-1f3a9c2b in us-west-2 for account ${ACCOUNT}: PENDING`,
    ]);
  });

  test("--json has the shares, and --family chooses", async () => {
    world.images = [image({ isWhole: false }), image({ id: "sim-1-00000000", family: "sim" })];
    expect(await list("--json", "--family", "mpi")).toBe(0);
    const { images } = JSON.parse(world.out) as {
      images: readonly { id: string; shares: readonly object[] }[];
    };
    expect(images.map(({ id }) => id)).toEqual(["mpi-1.4.0-1f3a9c2b"]);
    expect(images[0]?.shares[0]).toEqual({
      region: "us-east-1",
      account: ACCOUNT,
      status: "SHARED",
      reason: null,
    });
  });

  test("says where there is none", async () => {
    expect(await list("--family", "mpi")).toBe(0);
    expect(world.out).toBe("");
  });
});

describe("the accounts of muster.yaml", () => {
  const text = `org: {name: acme}\nimages: [{family: mpi, version: "1.4.0", accounts: ["${ACCOUNT}", 3]}, {family: sim, version: 1}, 7]\n`;
  test.each<[string, string, string, readonly object[]]>([
    ["are read", text, "acme", [{ family: "mpi", version: "1.4.0", accounts: [ACCOUNT] }]],
    ["are another org's", text, "other", []],
    ["are not there", "org: {name: acme}", "acme", []],
    ["can't be read", ": : :", "acme", []],
  ])("%s", (_, file, org, expected) => {
    expect(readDeclaredShares(file, org)).toEqual(expected);
  });
});
