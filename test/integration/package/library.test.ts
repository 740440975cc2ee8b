import { execFileSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { emptyHome } from "../../../scripts/journey/empty-home.js";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { findProviderMirror } from "../../../scripts/setup/provider-mirror.js";
import { cacheRoot } from "../../../scripts/system/paths.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { installSample, lowestPeers, type SampleProject } from "../../support/package/packed.js";
import { startFakeHead } from "../../support/provider/fake-head.js";
import { openOrg } from "../../support/provider/org.js";
import { openRootModule } from "../../support/stacks/root-module.js";

const ROOT = resolve(__dirname, "../../..");
const DEPLOY_TIMEOUT_MS = 300_000;

let emulator: TestEmulator;
let project: SampleProject;
beforeAll(async () => {
  [emulator, project] = await Promise.all([
    startEmulator({ images: renderImages("0123456789abcdef") }),
    installSample(),
  ]);
}, DEPLOY_TIMEOUT_MS);
afterAll(async () => {
  await emulator?.stop();
  await project?.remove();
});

const PACKED = ["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json", "stacks"];

describe("the packed package", () => {
  test("has the library, the bindings, the command, the provider's mirror and the images' recipe, and nothing else", async () => {
    const folder = join(project.folder, "node_modules/muster");
    expect((await readdir(folder)).sort()).toEqual(PACKED);
    expect((await readdir(join(folder, "dist"))).sort()).toEqual([
      "bindings",
      "cli",
      "image-recipe.tar",
      "stacks",
      "terraform-mirror",
    ]);
    expect(await readdir(join(folder, "stacks"))).toEqual(["muster.schema.json"]);
    expect(await readdir(join(project.folder, "node_modules"))).not.toContain("@aws-sdk");
  });

  test.each([
    [
      "import",
      ["--input-type=module", "-e", 'import * as m from "muster/stacks"; console.log(Object.keys(m).join())'],
    ],
    ["require", ["-e", 'console.log(Object.keys(require("muster/stacks")).join())']],
  ])("is loaded by %s, and by it a class exists once", async (_how, args) => {
    const names = (await project.run([process.execPath, ...args])).trim().split(",");
    expect(names).toEqual(expect.arrayContaining(["OrgNetwork", "MpiCluster", "OrgStack", "ConfigError"]));
    const same =
      'const { MpiCluster } = require("muster/stacks"), b = require("muster/bindings"); console.log(typeof MpiCluster, typeof b.MusterFleetResource)';
    expect(await project.run([process.execPath, "-e", same])).toBe("function function\n");
  });

  test("passes the sample project's own compiler and tests", async () => {
    await project.run(["npm", "run", "--silent", "typecheck"]);
    expect(await project.run(["npm", "test", "--silent"])).toMatch(/\bpass 2\b/);
  });

  test("says to Terraform's CLI configuration where its provider is", async () => {
    const config = await project.run(["node_modules/.bin/muster", "tfrc"]);
    expect(config).toContain(`"${join(project.folder, "node_modules/muster/dist/terraform-mirror")}"`);
  });

  test("a program in CommonJS has the types too", async () => {
    const text =
      'import stacks = require("muster/stacks");\nexport const name: string = stacks.wakeTime.name;\n';
    await writeFile(join(project.folder, "old.cts"), text);
    const tsc = [
      "node_modules/.bin/tsc",
      "--noEmit",
      "--module",
      "node20",
      "--skipLibCheck",
      "--ignoreConfig",
      "old.cts",
    ];
    await project.run(tsc as [string, ...string[]]);
  });

  test.each(["stacks", "bindings"])("%s: the public API is what its report says", async (name) => {
    const report = await readFile(join(ROOT, `dist/api/${name}.api.md`), "utf8");
    // `npm run api` writes it.
    expect(report).toBe(await readFile(join(ROOT, `docs/api/${name}.api.md`), "utf8"));
  });
});

describe("with the lowest version of each peer, which npm installs without force, the package", () => {
  let lowest: Readonly<Record<string, string>>;
  let old: SampleProject;
  beforeAll(async () => {
    lowest = await lowestPeers();
    old = await installSample({ packed: project.packed, peers: lowest });
  }, DEPLOY_TIMEOUT_MS);
  afterAll(() => old?.remove());

  test("is beside these versions, each once", async () => {
    expect(Object.keys(lowest).sort()).toEqual(["@cdktf/provider-aws", "cdktf", "constructs"]);
    const { dependencies } = JSON.parse(await old.run(["npm", "ls", "--all", "--json"])) as {
      dependencies: Readonly<Record<string, { version: string }>>;
    };
    for (const [name, version] of Object.entries(lowest))
      expect(dependencies[name]).toMatchObject({ version });
  });

  test("passes the sample project's own compiler and tests", async () => {
    await old.run(["npm", "run", "--silent", "typecheck"]);
    expect(await old.run(["npm", "test", "--silent"])).toMatch(/\bpass 2\b/);
  });

  test("has each construct, and synthesises the sample's stack", async () => {
    const load =
      'console.log(Object.keys(require("muster/stacks")).length, Object.keys(require("muster/bindings")).length)';
    expect(await old.run([process.execPath, "-e", load])).toMatch(/^[2-9]\d [1-9]\d*\n$/);
    await old.run(["npm", "run", "--silent", "synth"]);
    const stack = JSON.parse(
      await readFile(join(old.folder, "cdktf.out/stacks/research/cdk.tf.json"), "utf8"),
    );
    expect(Object.keys(stack.resource)).toEqual(
      expect.arrayContaining(["aws_autoscaling_group", "muster_fleet"]),
    );
  });
});

test(
  "the sample project is deployed with the package's own provider, and destroyed, the cluster first",
  async () => {
    const org = openOrg(emulator, "research");
    const group = async () => org.group(`muster-research-${await org.findUuid("research")}`);
    const head = startFakeHead({ ...org, group }, "research", "");
    try {
      // GIVEN an empty home, where Terraform finds AWS's provider by itself, and no configuration of Terraform's
      const env = await emptyHome({
        ...{ home: join(project.folder, "home"), projectRoot: ROOT, aws: emulator.env },
        terraform: execFileSync("which", ["terraform"], { encoding: "utf8" }).trim(),
        awsProvider: findProviderMirror(cacheRoot()) ?? "",
      });
      await project.run(["npm", "run", "--silent", "synth"]);
      const stack = openRootModule("terraform", join(project.folder, "cdktf.out/stacks/research"), env);
      // WHEN it is applied THEN the nodes are there
      await stack.apply();
      expect((await group()).instanceIds).toHaveLength(2);
      await stack.destroy();
      expect(await stack.stateList()).toEqual([]);
    } finally {
      await head.stop();
    }
  },
  DEPLOY_TIMEOUT_MS,
);
