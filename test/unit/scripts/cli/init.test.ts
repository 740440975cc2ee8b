import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { extract } from "tar-stream";
import { parse } from "yaml";
import { CommandError } from "../../../../scripts/cli/core/exit.js";
import { projectFiles } from "../../../../scripts/cli/core/new-project.js";
import { PIPELINES } from "../../../../scripts/cli/core/pipeline-example.js";
import { makeFiles } from "../../../../scripts/cli/system/new-files.js";
import { parseMusterConfig } from "../../../../stacks/config/load.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { installOwnPackage, OWN_PACKAGE } from "../../../support/cli/own-package.js";

const BUCKET = ["--state-bucket", "acme-state"];
const ALL = ["--org", "demo", "--region", "eu-central-1", "--pipeline", "github", ...BUCKET];

const PROJECT = ["muster.yaml", "cdktf.json", "package.json", ".gitignore"];
const FILE = `muster-${OWN_PACKAGE.version}.tgz`;

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.env = {};
  installOwnPackage(world);
});
/** The files that are there, but for the package's own. */
const made = () => [...world.files.keys()].filter((path) => !path.startsWith("/opt/"));
const init = (...words: string[]) => world.run("init", ...words);
const said = () => world.said.join("\n");
const textOf = (path: string) => Buffer.from(world.files.get(path) ?? "").toString();

describe("muster init", () => {
  test("writes a muster.yaml that the stacks take, cdktf.json and the pipeline, and says so", async () => {
    expect(await init(...ALL)).toBe(0);
    expect(made()).toEqual([...PROJECT, FILE, ".github/workflows/muster.yml"]);
    const config = parseMusterConfig(textOf("muster.yaml"), "/project/muster.yaml");
    expect(config.org).toMatchObject({ name: "demo", region: "eu-central-1" });
    expect(config.state).toMatchObject({ type: "s3", bucket: "acme-state", region: "eu-central-1" });
    expect(config.clusters.map(({ cluster }) => cluster.name)).toEqual(["alpha"]);
    expect(JSON.parse(textOf("cdktf.json"))).toMatchObject({
      app: "node node_modules/muster/dist/stacks/main.cjs",
      projectId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sendCrashReports: "false",
    });
    expect(world.out).toBe(
      made()
        .map((path) => `wrote ${path}\n`)
        .join(""),
    );
    for (const step of ["npm install", "npx muster doctor", "npx cdktf deploy '*'"])
      expect(said()).toContain(step);
    expect(world.questions).toEqual([]);
  });

  test("prints one document with --json", async () => {
    expect(await init("new/project", ...ALL, "--json")).toBe(0);
    expect(JSON.parse(world.out)).toEqual({
      folder: "new/project",
      files: [...PROJECT, FILE, ".github/workflows/muster.yml"],
      ...{ org: "demo", region: "eu-central-1", pipeline: "github", stateBucket: "acme-state" },
    });
  });

  test("needs no bucket where there is no pipeline: the state is in files then", async () => {
    expect(await init("--org", "demo", "--region", "us-east-1")).toBe(0);
    expect(parseMusterConfig(textOf("muster.yaml"), "/project/muster.yaml").state).toMatchObject({
      type: "local",
      folder: "/project/muster-state",
    });
    expect(textOf(".gitignore")).toContain("muster-state/");
    expect(made()).toEqual([...PROJECT, FILE]);
  });

  test.each([...PROJECT, FILE, ".gitlab-ci.yml"])(
    "refuses a folder that has %s, and writes nothing",
    async (path) => {
      world.files.set(`there/${path}`, Buffer.from("mine"));
      expect(await init("there", ...ALL, "--pipeline", "gitlab")).toBe(3);
      expect(said()).toContain(`there already has ${path}. Nothing was written.`);
      expect(made()).toEqual([`there/${path}`]);
      expect(textOf(`there/${path}`)).toBe("mine");
    },
  );

  test("without a terminal, fails and names each option that is missing", async () => {
    expect(await init()).toBe(2);
    expect(said()).toBe("there is no terminal to ask at: give --org, --region too");
    expect(await init("--pipeline", "github")).toBe(2);
    expect(world.said.at(-1)).toBe(
      "there is no terminal to ask at: give --org, --region, --state-bucket too",
    );
    expect(await init("--org", "demo", "--pipeline", "none")).toBe(2);
    expect(world.said.at(-1)).toBe("there is no terminal to ask at: give --region too");
    expect(made()).toEqual([]);
  });

  test("without a terminal, takes the environment's region as other commands do", async () => {
    world.env = { AWS_REGION: "us-west-2" };
    expect(await init("--org", "demo", "--pipeline", "none")).toBe(0);
    expect(textOf("muster.yaml")).toContain("region: us-west-2");
  });

  test("fails with every wrong option at once", async () => {
    const wrong = ["--org", "De_mo", "--region", "Paris", "--state-bucket", "A", "--package", "0.1.0"];
    expect(await init(...wrong)).toBe(2);
    for (const part of ['name is "De_mo"', 'region is "Paris"', 'bucket is "A"', '--package is "0.1.0"'])
      expect(said()).toContain(part);
    expect(made()).toEqual([]);
    expect(world.openings).toEqual([]);
  });

  test("refuses a name that an org has in the account and region, with what shows it", async () => {
    world.traces = ({ org, region }) =>
      org === "demo" && region === "eu-central-1" ? [{ kind: "table", id: "muster-demo-registry" }] : [];
    expect(await init(...ALL)).toBe(3);
    expect(said()).toContain("an org demo in eu-central-1 already: table muster-demo-registry");
    expect(made()).toEqual([]);
    expect(await init(...ALL, "--unchecked")).toBe(0);
  });

  test("writes nothing where AWS can't be asked, and names the option that goes without", async () => {
    world.traces = () => {
      throw new CommandError(
        1,
        "Could not look for table muster-demo-registry: there are no AWS credentials.",
      );
    };
    expect(await init(...ALL)).toBe(1);
    expect(said()).toContain("there are no AWS credentials. Whether the org's name is free");
    expect(said()).toContain("--unchecked");
    expect(made()).toEqual([]);
  });
});

describe("the project's packages", () => {
  const packageJson = () => JSON.parse(textOf("package.json")) as Record<string, Record<string, string>>;

  test("are the versions that Muster is made with, and Muster's own file, which holds what npm packs", async () => {
    expect(await init("--org", "demo", "--region", "us-east-1")).toBe(0);
    const { devDependencies, overrides } = JSON.parse(readFileSync("package.json", "utf8")) as Record<
      string,
      never
    >;
    expect(packageJson()).toEqual({
      private: true,
      dependencies: { ...OWN_PACKAGE.peers, muster: `file:${FILE}` },
      overrides: OWN_PACKAGE.overrides,
    });
    expect(devDependencies).toMatchObject(OWN_PACKAGE.peers);
    expect(overrides).toMatchObject(OWN_PACKAGE.overrides);
    const names: string[] = [];
    const unpacked = extract();
    unpacked.on("entry", ({ name }, stream, next) => {
      names.push(name);
      stream.on("end", next).resume();
    });
    await pipeline(Readable.from([gunzipSync(world.files.get(FILE) ?? "")]), unpacked);
    expect(names.sort()).toEqual(OWN_PACKAGE.files.map((name) => `package/${name}`).sort());
  });

  test.each([
    "npm:@acme/muster@0.1.0",
    "file:../muster-0.1.0.tgz",
    "https://npm.acme.example/muster-0.1.0.tgz",
    "git+ssh://git@git.acme.example/muster.git#v0.1.0",
  ])("are asked of %s where --package says so, and no file is written", async (spec) => {
    expect(await init("--org", "demo", "--region", "us-east-1", "--package", spec)).toBe(0);
    expect(packageJson()["dependencies"]).toMatchObject({ muster: spec });
    expect(made()).toEqual(PROJECT);
  });

  // In the public registry the name "muster" is another project's, whose code the deploy would run with the org's credentials.
  test.each(["0.1.0", "latest", "^0.1.0", "*", "", "npm:muster@0.1.0", "muster"])(
    "are never asked of the public registry: %p is refused",
    async (spec) => {
      expect(await init("--org", "demo", "--region", "us-east-1", "--package", spec)).toBe(2);
      expect(said()).toContain(`--package is "${spec}": give npm:@SCOPE/NAME@VERSION`);
      expect(made()).toEqual([]);
    },
  );

  test.each(["package.json", "dist/image-recipe.tar"])(
    "can't be written by a command that comes without %s, which is said",
    async (path) => {
      world.files.delete(`/opt/muster/${path}`);
      expect(await init("--org", "demo", "--region", "us-east-1")).toBe(1);
      expect(said()).toMatch(/^This muster comes without its package: .*Nothing was written\.$/);
      expect(made()).toEqual([]);
    },
  );
});

describe("at a terminal", () => {
  beforeEach(() => {
    world.canAsk = true;
  });

  test("asks for what the options leave open", async () => {
    world.env = { AWS_REGION: "us-east-1" };
    world.firstAnswers.push("", "demo", "gitlab", "acme-state");
    expect(await init()).toBe(0);
    expect(world.questions).toEqual([
      "AWS region [us-east-1]: ",
      "Name of the org: ",
      "Example of a pipeline (github, gitlab, shell, none) [none]: ",
      "Existing S3 bucket for Terraform's state: ",
    ]);
    expect(made()).toEqual([...PROJECT, FILE, ".gitlab-ci.yml"]);
  });

  test("says at once what is wrong with a name, or that it is taken, and asks again", async () => {
    world.traces = ({ org }) => (org === "taken" ? [{ kind: "VPC", id: "vpc-1" }] : []);
    world.firstAnswers.push("No", "taken", "free");
    expect(await init("--region", "us-east-1", "--pipeline", "none")).toBe(0);
    expect(world.said[0]).toContain('the org\'s name is "No"');
    expect(world.said[1]).toContain("There is an org taken in us-east-1 already: VPC vpc-1.");
    expect(parse(textOf("muster.yaml"))).toMatchObject({ org: { name: "free" } });
  });

  test.each([
    ["no answer", []],
    ["three wrong ones", ["A", "B", "C", "demo"]],
  ])("ends after %s, and names the option", async (_name, answers) => {
    world.firstAnswers.push(...answers);
    expect(await init("--region", "us-east-1", "--pipeline", "none")).toBe(2);
    expect(said()).toContain("Give --org.");
    expect(made()).toEqual([]);
  });
});

describe("what is written", () => {
  test.each(["null", "true", "no", "yes", "on"])("keeps the name %s a text", (org) => {
    for (const pipeline of PIPELINES) {
      const project = { org, region: "us-east-1", pipeline, stateBucket: "1.5e3" };
      const [file] = projectFiles(project, { id: "id", own: OWN_PACKAGE, source: { spec: "file:x" } });
      const { org: read, state } = parseMusterConfig(String(file?.text), "/project/muster.yaml");
      expect({ name: read.name, bucket: "bucket" in state && state.bucket }).toEqual({
        name: org,
        bucket: "1.5e3",
      });
    }
  });
});

describe("new files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "muster-init-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const FILES = [
    { path: "a", text: "1" },
    { path: "b/c", text: "2" },
  ];

  test("are made with the folders that they need", async () => {
    expect(await makeFiles(join(folder, "x/y"), FILES)).toEqual([]);
    expect(readFileSync(join(folder, "x/y/b/c"), "utf8")).toBe("2");
  });

  test("are none where one is there, also as a link that leads nowhere", async () => {
    symlinkSync("/nowhere", join(folder, "a"));
    expect(await makeFiles(folder, FILES)).toEqual(["a"]);
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  test("are gone again after an error", async () => {
    writeFileSync(join(folder, "b"), "a file, and no folder");
    await expect(makeFiles(folder, FILES)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["b"]);
  });
});
