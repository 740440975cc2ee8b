import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildAgent } from "../../../scripts/build/agent.js";
import { OLDEST_NODE } from "../../../scripts/build/oldest-node.js";
import { cacheRoot } from "../../../scripts/system/paths.js";
import { clusterItem } from "../../support/agent/cluster-item.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { createOrg } from "../../support/provider/org.js";
import { startPlugin } from "../../support/provider/plugin-client.js";

const UUID = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const pin = (file: string): string => /==(\S+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "none";
/** What ./scripts/test has installed. */
const OLDEST = join(cacheRoot(), `node-${pin("scripts/setup/oldest-node.txt")}`, "bin/node");

let emulator: TestEmulator;
let cli: TestBundle;
let mirror: TestMirror;
let agent: string;
beforeAll(async () => {
  if (!existsSync(OLDEST)) throw new Error(`${OLDEST} is not there: ./scripts/test types installs it.`);
  [emulator, cli, mirror, agent] = await Promise.all([
    startEmulator(),
    buildTestBundle(),
    buildTestMirror(),
    buildAgent(resolve(".")),
  ]);
  const org = await createOrg(emulator, "acme");
  await org.setCluster(UUID, clusterItem({ uuid: UUID, name: "alpha" }));
});
afterAll(async () => {
  await emulator?.stop();
  await cli?.remove();
  await mirror?.remove();
});

/** Runs one of ours; anything deprecated, which would be a warning for a user, ends it. */
const run = (node: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
    const options = { env: { ...env, NODE_OPTIONS: "--throw-deprecation" }, timeout: 60_000 };
    const child = execFile(node, args, options, (_error, stdout, stderr) =>
      done({ code: child.exitCode, stdout, stderr }),
    );
  });

test("the oldest Node.js that is tried is the oldest that is promised", () => {
  expect(Number.parseInt(pin("scripts/setup/oldest-node.txt"), 10)).toBe(OLDEST_NODE);
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  expect(readFileSync("scripts/setup/node.sh", "utf8")).toContain(`\nmuster_node_oldest=${OLDEST_NODE}\n`);
  for (const file of ["README.md", "docs/guides/pipelines.md", "scripts/muster"]) {
    const named = [...readFileSync(file, "utf8").matchAll(/Node\.js (\d+) or newer/g)].map(
      ([, major]) => major,
    );
    expect({ file, named: [...new Set(named)] }).toEqual({ file, named: [String(OLDEST_NODE)] });
  }
});

test("the Node.js that we develop on is the nodes' own", () => {
  const major = Number.parseInt(pin("agent/image/node.txt"), 10);
  expect(readFileSync(".nvmrc", "utf8")).toBe(`${major}\n`);
  expect(readFileSync("scripts/setup/node.sh", "utf8")).toContain(`\nmuster_node_current=${major}\n`);
});

describe.each([
  ["the oldest Node.js", OLDEST],
  ["the tests' own Node.js", process.execPath],
])("on %s", (_name, node) => {
  test("the command runs without a warning", async () => {
    const help = await run(node, [join(cli.folder, "muster.cjs"), "--help"]);
    expect(help).toEqual({ code: 0, stdout: expect.stringContaining("Usage: muster "), stderr: "" });
    const listed = await run(
      node,
      [join(cli.folder, "muster.cjs"), "cluster", "list", "--org", "acme"],
      emulator.env,
    );
    expect(listed).toEqual({ code: 0, stdout: expect.stringContaining("\nalpha "), stderr: "" });
  });

  test("the agent comes as far as its configuration without a warning", async () => {
    const { code, stdout, stderr } = await run(node, [agent]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ code: "config-invalid" });
  });

  test("the stacks are synthesized without a warning", async () => {
    const folder = await mkdtemp(join(tmpdir(), "muster-synth-"));
    try {
      const MUSTER_CONFIG = join(folder, "muster.yaml");
      await writeFile(
        MUSTER_CONFIG,
        "org: {name: acme, region: us-east-1}\nclusters: [{name: alpha, nodes: 2}]\n",
      );
      const env = { MUSTER_CONFIG, CDKTF_OUTDIR: join(folder, "out"), PATH: process.env["PATH"] ?? "" };
      const { code, stderr } = await run(node, ["scripts/synth.cjs"], env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(existsSync(join(folder, "out/manifest.json"))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("the provider serves its schema without a warning", async () => {
    const PATH = `${dirname(node)}:${process.env["PATH"]}`;
    const plugin = await startPlugin(mirror.program, { ...emulator.env, PATH });
    try {
      const { provider } = await plugin.call("GetProviderSchema");
      expect(provider).toBeDefined();
      expect(plugin.log()).not.toMatch(/warning/i);
    } finally {
      plugin.disconnect();
      plugin.process.kill("SIGTERM");
    }
  });
});

test("on an older Node.js the command says what it needs, in one line", async () => {
  const older = 'Object.defineProperty(process, "versions", { value: { node: "20.20.2" } });';
  const load = `data:text/javascript,${encodeURIComponent(older)}`;
  const { code, stdout, stderr } = await run(process.execPath, [
    "--import",
    load,
    join(cli.folder, "muster.cjs"),
  ]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^muster: it needs Node\.js 22 or newer, and this is v.*https:\/\/nodejs\.org.*\n$/);
});
