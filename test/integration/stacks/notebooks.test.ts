import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App } from "cdktf";
import { findLeftovers } from "../../../scripts/cli/leftovers/find.js";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { type SetUp, setUp } from "../../../scripts/setup/set-up.js";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import { type FakeNotebook, startFakeNotebook } from "../../support/provider/fake-notebook.js";
import { openOrg, type TestOrg } from "../../support/provider/org.js";
import { type AttachedProviders, attachProviders } from "../../support/stacks/attached.js";
import { openRootModule, type RootModule } from "../../support/stacks/root-module.js";

const ROOT = path.join(__dirname, "../../..");
const TIMEOUT_MS = 600_000;
const NOTEBOOK = "muster_demo_notebook_explore";

let emulator: TestEmulator;
let tools: SetUp;
let providers: AttachedProviders;
let folder: string;
let org: TestOrg;
let agent: FakeNotebook;
const heads: FakeHead[] = [];

/** The stacks where the notebook is attached to `cluster`, by their ids; Terraform's state of each is kept between two calls. */
function stacksOf(cluster: "alpha" | "beta"): (id: string) => RootModule {
  const clusters = ["alpha", "beta"].map(
    (name) => `{name: ${name}, nodes: 1, notebooks: [${name === cluster ? "{name: explore}" : ""}]}`,
  );
  const file = path.join(folder, "project/muster.yaml");
  const text = `org: {name: demo, region: us-east-1}\nclusters: [${clusters.join(", ")}]\n`;
  writeFileSync(file, text);
  const app = new App({ outdir: path.join(folder, "cdktf.out") });
  declareStacks(app, parseMusterConfig(text, file));
  app.synth();
  return (id) => openRootModule(tools.terraform, path.join(folder, "cdktf.out/stacks", id), providers.env);
}

/** Of the notebook's one node. */
async function nodeTags(): Promise<Readonly<Record<string, string>>> {
  const Filters = [
    { Name: "tag:muster:notebook", Values: ["explore"] },
    { Name: "instance-state-name", Values: ["running"] },
  ];
  const { Reservations = [] } = await new EC2Client(emulator.client).send(
    new DescribeInstancesCommand({ Filters }),
  );
  const [node, ...more] = Reservations.flatMap(({ Instances = [] }) => Instances);
  expect(more).toEqual([]);
  return Object.fromEntries((node?.Tags ?? []).map(({ Key, Value }) => [String(Key), String(Value)]));
}

beforeAll(async () => {
  [emulator, tools] = await Promise.all([
    startEmulator({ images: renderImages("0123456789abcdef") }),
    setUp({ projectRoot: ROOT, say: () => undefined }),
  ]);
  providers = await attachProviders(tools, emulator);
  folder = mkdtempSync(path.join(tmpdir(), "muster-notebooks-"));
  mkdirSync(path.join(folder, "project"));
  org = openOrg(emulator, "demo");
  // Instances do not boot here: what plays their heads and their agent reports them ready.
  for (const name of ["alpha", "beta"]) {
    const group = async () => org.group(`muster-${name}-${await org.findUuid(name)}`);
    heads.push(startFakeHead({ ...org, group }, name, ""));
  }
  agent = startFakeNotebook(org, "explore", NOTEBOOK);
}, TIMEOUT_MS);
afterAll(async () => {
  await agent?.stop();
  for (const head of heads) await head.stop();
  await providers?.stop();
  await emulator?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a notebook of muster.yaml, by the AWS provider", () => {
  test(
    "is deployed with its cluster, and a second plan changes nothing",
    async () => {
      const stack = stacksOf("alpha");
      for (const id of ["muster_demo", "muster_demo_alpha", NOTEBOOK]) {
        await stack(id).apply();
        expect(await stack(id).plannedChanges()).toEqual([]);
      }
      expect(await org.notebook("explore")).toMatchObject({
        ...{ status: "FINISHED", group: NOTEBOOK, clusterUuid: await org.findUuid("alpha") },
      });
      expect(await nodeTags()).toMatchObject({ "muster:org": "demo", "muster:cluster-name": "alpha" });
    },
    TIMEOUT_MS,
  );

  test(
    "below another cluster moves there in place, and keeps home, group and role",
    async () => {
      const before = await org.notebook("explore");
      const stack = stacksOf("beta");
      await stack("muster_demo_beta").apply();
      const changes = await stack(NOTEBOOK).plannedChanges();
      expect(changes.filter((change) => change.startsWith("muster_notebook"))).toEqual([
        ...["address", "cluster_uuid", "instance_id", "node_version"].map(
          (name) => `muster_notebook.${name}`,
        ),
      ]);
      const kept = /^aws_(efs_access_point|iam_instance_profile|iam_role)\./;
      expect(changes.filter((change) => kept.test(change))).toEqual([]);
      await stack(NOTEBOOK).apply();
      expect(await stack(NOTEBOOK).plannedChanges()).toEqual([]);
      const after = await org.notebook("explore");
      expect(after).toMatchObject({
        ...{ status: "FINISHED", clusterUuid: await org.findUuid("beta") },
        ...{ owner: before?.owner, createdAt: before?.createdAt, retiring: before?.instanceId },
      });
      expect(await nodeTags()).toMatchObject({ "muster:cluster-name": "beta" });
    },
    TIMEOUT_MS,
  );

  test(
    "keeps its cluster from being destroyed, and the other goes",
    async () => {
      const stack = stacksOf("beta");
      await expect(stack("muster_demo_beta").destroy()).rejects.toThrow(
        /Cluster beta has a notebook attached/,
      );
      const group = await org.group(`muster-beta-${await org.findUuid("beta")}`);
      expect(group.instanceIds).toHaveLength(1);
      await stack("muster_demo_alpha").destroy();
    },
    TIMEOUT_MS,
  );

  test(
    "is found among what is left of the org, and destroyed before its cluster; nothing is left then",
    async () => {
      const left = async () =>
        (await findLeftovers("demo", emulator.client)).leftovers.map(({ kind, id }) => `${kind} ${id}`);
      const before = await left();
      const stack = stacksOf("beta");
      await stack(NOTEBOOK).destroy();
      expect(await org.notebook("explore")).toBeNull();
      const after = new Set(await left());
      const gone = before.filter((each) => !after.has(each));
      expect(gone).toEqual(
        expect.arrayContaining([
          `Auto Scaling group ${NOTEBOOK}`,
          expect.stringMatching(/^role muster-notebook-explore-[0-9a-f]{8}$/),
          expect.stringMatching(/^instance profile muster-notebook-explore-/),
          expect.stringMatching(/^launch template lt-/),
          expect.stringMatching(/^instance i-/),
          expect.stringMatching(/^file system access point fsap-/),
        ]),
      );
      for (const id of ["muster_demo_beta", "muster_demo"]) await stack(id).destroy();
      expect(await left()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
