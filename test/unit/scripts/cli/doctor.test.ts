import { beforeEach, describe, expect, test } from "@jest/globals";
import { OLDEST_NODE } from "../../../../scripts/build/oldest-node.js";
import {
  type Finding,
  judgeEndpoints,
  judgeProgram,
  judgeProvider,
  judgeRegion,
  OLDEST,
  wantedPrograms,
} from "../../../../scripts/cli/core/doctor.js";
import type { ProgramEnd } from "../../../../scripts/cli/core/programs.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const ended = (change: Partial<ProgramEnd> = {}): ProgramEnd => ({
  ...{ exitCode: 0, stdout: "", stderr: "", isLate: false },
  ...change,
});
const wanted = (name: string, has: readonly string[] = [], env = {}) => {
  const found = wantedPrograms(env, (program) => has.includes(program)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not looked for`);
  return found;
};

describe("a program", () => {
  test.each<[string, string, ProgramEnd | null, Finding["state"], string]>([
    ["Node.js", "is new", ended({ stdout: "v24.19.0\n" }), "ok", "24.19.0"],
    ["Node.js", "is the oldest", ended({ stdout: "v22.0.0\n" }), "ok", "22.0.0"],
    [
      "Node.js",
      "is too old",
      ended({ stdout: "v20.19.2\n" }),
      "missing",
      "20.19.2 is too old: 22.0 or newer",
    ],
    [
      "Terraform or OpenTofu",
      "is Terraform",
      ended({ stdout: "Terraform v1.11.4\non linux_amd64" }),
      "ok",
      "1.11.4",
    ],
    [
      "Terraform or OpenTofu",
      "is OpenTofu",
      ended({ stdout: "OpenTofu v1.11.0\n" }),
      "ok",
      "OpenTofu 1.11.0",
    ],
    [
      "Terraform or OpenTofu",
      "is too old",
      ended({ stdout: "Terraform v1.9.8\n" }),
      "missing",
      "1.9.8 is too old",
    ],
    ["Terraform or OpenTofu", "is not there", null, "missing", "terraform is not on PATH"],
    [
      "cdktf",
      "is not installed",
      ended({ exitCode: 1, stderr: "\nnpm error could not determine executable to run\n" }),
      "missing",
      "exit status 1: npm error could not determine executable to run",
    ],
    [
      "cdktf",
      "says more than its version",
      ended({ stdout: "0.21.0\nThere are some problems" }),
      "ok",
      "0.21.0",
    ],
    [
      "cdktf",
      "does not answer",
      ended({ exitCode: null, isLate: true }),
      "missing",
      "did not answer in time",
    ],
    ["git", "is there", ended({ stdout: "git version 2.47.3" }), "ok", "2.47.3"],
    ["git", "shows no version", ended({ stdout: "hello" }), "warning", "shows no version"],
    ["AWS CLI", "is not there", null, "warning", "aws is not on PATH"],
    ["session-manager-plugin", "is not there", null, "warning", "session-manager-plugin is not on PATH"],
    ["session-manager-plugin", "is there", ended({ stdout: "1.2.707.0\n" }), "ok", "1.2.707.0"],
  ])("%s %s", (name, _what, end, state, found) => {
    const finding = judgeProgram(wanted(name), end);
    expect(finding).toMatchObject({ name, state, found: expect.stringContaining(found) });
    expect(finding.next === null).toBe(state === "ok");
  });

  test("that is OpenTofu alone is named with the variable that chooses it", () => {
    expect(wanted("Terraform or OpenTofu", ["tofu"]).next).toContain("export TERRAFORM_BINARY_NAME=tofu");
    expect(wanted("Terraform or OpenTofu", [], { TERRAFORM_BINARY_NAME: "tofu" }).argv).toEqual([
      "tofu",
      "version",
    ]);
  });

  test("of Node.js is as old as what is shipped may run on", () => {
    expect(OLDEST.node).toEqual([OLDEST_NODE, 0]);
  });
});

/** No configuration, and no package. */
const nowhere = { config: null, hasPackage: false };

describe("the environment", () => {
  test.each<[string, Finding, Finding["state"], string]>([
    ["a region that was typed", judgeRegion("eu-west-1", "us-east-1", {}), "ok", "eu-west-1 (--region)"],
    [
      "muster.yaml's region",
      judgeRegion(undefined, "us-east-1", { AWS_REGION: "x" }),
      "ok",
      "us-east-1 (muster.yaml)",
    ],
    ["AWS_REGION", judgeRegion(undefined, null, { AWS_REGION: "us-west-2" }), "ok", "us-west-2 (AWS_REGION)"],
    ["an empty region", judgeRegion(undefined, null, { AWS_REGION: "" }), "missing", "none is set"],
    ["no endpoint", judgeEndpoints({ AWS_ENDPOINT_URL: "" }), "ok", "AWS's own"],
    [
      "endpoints, without a password in them",
      judgeEndpoints({ AWS_ENDPOINT_URL_S3: "http://a:b@c:1", AWS_ENDPOINT_URL: "http://d" }),
      "warning",
      "AWS_ENDPOINT_URL=http://d, AWS_ENDPOINT_URL_S3=http://c:1",
    ],
    ["neither package nor configuration", judgeProvider({}, nowhere), "warning", "no package muster"],
    ["the package", judgeProvider({}, { ...nowhere, hasPackage: true }), "ok", "node_modules/muster"],
    [
      "the package, and a configuration about something else",
      judgeProvider({ TF_CLI_CONFIG_FILE: "x" }, { config: "disable_checkpoint = true", hasPackage: true }),
      "ok",
      "node_modules/muster",
    ],
    [
      "the package, and a configuration that Terraform takes providers from",
      judgeProvider({}, { config: "provider_installation {}", hasPackage: true }),
      "warning",
      "Terraform's own configuration says where providers are, and does not name it",
    ],
    [
      "a configuration that is not there",
      judgeProvider({ TF_CLI_CONFIG_FILE: "x" }, { ...nowhere, hasPackage: true }),
      "warning",
      "x (TF_CLI_CONFIG_FILE) can't be read",
    ],
    [
      "one with the provider",
      judgeProvider({ TF_CLI_CONFIG_FILE: "x" }, { ...nowhere, config: "provider_installation { muster }" }),
      "ok",
      "x",
    ],
  ])("has %s", (_name, finding, state, found) => {
    expect(finding).toMatchObject({ state, found: expect.stringContaining(found) });
    expect(finding.next === null).toBe(state === "ok");
  });
});

describe("muster doctor", () => {
  let world: FakeWorld;
  beforeEach(() => {
    world = new FakeWorld();
    for (const name of ["node", "npx", "terraform", "git"]) world.onPath.add(name);
    world.programEnds = ([name]) => ({ stdout: name === "terraform" ? "Terraform v1.11.4" : "24.0.0" });
  });

  test("is done where only what some commands need is not there, and needs no muster.yaml", async () => {
    expect(await world.run("doctor")).toBe(0);
    expect(world.out).toMatch(/^ok {7}Node\.js {17}24\.0\.0$/m);
    expect(world.out).toMatch(/^warning {2}AWS CLI .*\n {9}next: Only for/m);
    expect(world.out).toMatch(/^ok {7}AWS credentials +arn:aws:iam::123456789012:user\/ada$/m);
    expect(world.said).toEqual(["Nothing that is needed is missing."]);
  });

  test("fails where something is missing, with the next step for each", async () => {
    world.onPath.delete("terraform");
    world.caller = null;
    world.env = {};
    expect(await world.run("doctor", "--json")).toBe(1);
    const { isComplete, findings } = JSON.parse(world.out) as { isComplete: boolean; findings: Finding[] };
    expect(isComplete).toBe(false);
    const missing = findings.filter(({ state }) => state === "missing");
    expect(missing.map(({ name }) => name)).toEqual([
      "Terraform or OpenTofu",
      "AWS credentials",
      "AWS region",
    ]);
    for (const { next } of missing) expect(next).toEqual(expect.any(String));
    expect(world.said).toEqual(["Missing: Terraform or OpenTofu, AWS credentials, AWS region."]);
  });
});
