import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App } from "cdktf";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { type SetUp, setUp } from "../../../scripts/setup/set-up.js";
import { runCommand } from "../../../scripts/system/command.js";
import { runProgram } from "../../../scripts/system/program.js";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { normalised } from "../../support/docs/normalised.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type PlayedHeads, playHeads } from "../../support/provider/played-heads.js";
import { type AttachedProviders, attachProviders } from "../../support/stacks/attached.js";

const ROOT = path.join(__dirname, "../../..");
const DEPLOY_TIMEOUT_MS = 900_000;
const MUSTER_YAML = `
org: {name: demo, region: us-east-1}
clusters: [{name: alpha, nodes: 2}]
`;

/** An org and its cluster as two root modules, on a cloud of their own. */
interface Deployment {
  readonly emulator: TestEmulator;
  /** What serves its runs of Terraform: runs that start theirs are commands.test.ts's. */
  readonly providers: AttachedProviders;
  readonly org: string;
  readonly cluster: string;
}

let tools: SetUp;
let folder: string;
const heads: PlayedHeads[] = [];
const deployments: Deployment[] = [];

async function deployment(org: string, cluster: string): Promise<Deployment> {
  const emulator = await startEmulator({ images: renderImages("0123456789abcdef") });
  heads.push(playHeads(emulator, "demo", ["alpha"]));
  const made = { emulator, providers: await attachProviders(tools, emulator), org, cluster };
  deployments.push(made);
  return made;
}

async function terraform({ providers }: Deployment, module: string, ...args: [string, ...string[]]) {
  const lines: string[] = [];
  const { exitCode } = await runProgram([tools.terraform, `-chdir=${module}`, ...args, "-no-color"], {
    cwd: folder,
    env: providers.env,
    signal: AbortSignal.timeout(DEPLOY_TIMEOUT_MS),
    onLine: (line) => lines.push(line),
  });
  return { exitCode, output: lines.join("\n") };
}

/** Fails with Terraform's last lines. */
async function succeed(deployed: Deployment, module: string, ...args: [string, ...string[]]): Promise<void> {
  const { exitCode, output } = await terraform(deployed, module, ...args);
  if (exitCode !== 0) throw new Error(`terraform ${args[0]} ended with ${exitCode}:\n${output.slice(-4000)}`);
}

/** Initialises and applies both. */
async function apply(deployed: Deployment): Promise<void> {
  for (const module of [deployed.org, deployed.cluster]) {
    await succeed(deployed, module, "init", "-input=false");
    await succeed(deployed, module, "apply", "-auto-approve", "-input=false");
  }
}

async function stateOf(deployed: Deployment, module: string) {
  const { output } = await terraform(deployed, module, "show", "-json");
  return normalised(JSON.parse(output));
}

beforeAll(async () => {
  tools = await setUp({ projectRoot: ROOT, say: () => undefined });
  folder = mkdtempSync(path.join(tmpdir(), "muster-hcl-"));
});
afterAll(async () => {
  await Promise.all(heads.map((each) => each.stop()));
  await Promise.all(deployments.flatMap(({ emulator, providers }) => [providers.stop(), emulator.stop()]));
  rmSync(folder, { recursive: true, force: true });
});

describe("examples/hcl", () => {
  let example: Deployment;

  test("is formatted", async () => {
    const folder = path.join(ROOT, "examples/hcl");
    const unformatted = await runCommand(["terraform", "fmt", "-check", "-recursive", folder], {
      timeoutSeconds: 60,
    });
    expect(unformatted).toBe("");
  });

  test(
    "applies, and a second plan changes nothing",
    async () => {
      const copy = path.join(folder, "hcl");
      cpSync(path.join(ROOT, "examples/hcl"), copy, { recursive: true });
      example = await deployment(path.join(copy, "org"), path.join(copy, "cluster"));
      await apply(example);
      for (const module of [example.org, example.cluster]) {
        const plan = await terraform(example, module, "plan", "-detailed-exitcode", "-input=false");
        expect(plan).toMatchObject({ exitCode: 0 });
      }
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "makes the same as the stacks, to the last attribute",
    async () => {
      // GIVEN the same org and cluster, by the stacks
      const app = new App({ outdir: path.join(folder, "cdktf.out") });
      mkdirSync(path.join(folder, "project"));
      const file = path.join(folder, "project/muster.yaml");
      writeFileSync(file, MUSTER_YAML);
      declareStacks(app, parseMusterConfig(MUSTER_YAML, file));
      app.synth();
      const stack = (id: string) => path.join(folder, "cdktf.out/stacks", id);
      const stacks = await deployment(stack("muster_demo"), stack("muster_demo_alpha"));
      await apply(stacks);
      // THEN
      expect(await stateOf(example, example.org)).toEqual(await stateOf(stacks, stacks.org));
      expect(await stateOf(example, example.cluster)).toEqual(await stateOf(stacks, stacks.cluster));
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "the org can't be destroyed while it has its cluster",
    async () => {
      const { exitCode, output } = await terraform(example, example.org, "destroy", "-auto-approve");
      expect(exitCode).toBe(1);
      expect(output.replace(/\s+/g, " ")).toMatch(/alpha/);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "its test with mocked providers passes, without AWS",
    async () => {
      // Providers of its own, which see no AWS.
      const env = { ...process.env, AWS_ENDPOINT_URL: "http://127.0.0.1:9", ...tools.env };
      const offline = { ...example, providers: { ...example.providers, env } };
      await succeed(offline, example.cluster, "init", "-input=false");
      const { exitCode, output } = await terraform(offline, example.cluster, "test");
      if (exitCode !== 0) throw new Error(output);
      expect(output).toContain("Success! 2 passed, 0 failed.");
    },
    DEPLOY_TIMEOUT_MS,
  );
});
