import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App } from "cdktf";
import { findLeftovers } from "../../../scripts/cli/leftovers/find.js";
import { setUp } from "../../../scripts/setup/set-up.js";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import type { TestEmulator } from "../../support/emulator.js";
import { startMinistack } from "../../support/ministack.js";
import { openRootModule, type RootModule } from "../../support/stacks/root-module.js";

const ROOT = path.join(__dirname, "../../..");
const MUSTER_YAML = "org: {name: demo, region: us-east-1, tags: {team: physics}}\n";
const DEPLOY_TIMEOUT_MS = 600_000;

/** What ministack does not give back as it was given, so that a second plan would change it; AWS does, and moto. */
const NOT_GIVEN_BACK = [
  "aws_efs_file_system_policy.policy", // it puts an "Id" into the policy
  "aws_flow_log.tags", // it keeps no tags of flow logs
  "aws_flow_log.tags_all",
];

/** How many of each kind of thing the org stack makes, with the main route table and the default security group of its VPC. */
const MADE = {
  VPC: 1,
  subnet: 4,
  "route table": 3,
  "internet gateway": 1,
  "security group": 3,
  "VPC endpoint": 2,
  "flow log": 1,
  "NAT gateway": 1,
  "elastic IP": 1,
  "file system": 1,
  "mount target": 2,
  "file system access point": 1,
  bucket: 1,
  table: 1,
  key: 1,
  "key alias": 1,
};

// On moto the same stack is deployed with its cluster: deploy.test.ts. Clusters' stacks can't be deployed here: ministack
// has no SuspendProcesses of Auto Scaling.
describe("the org's stack on ministack, as it is synthesised", () => {
  let emulator: TestEmulator;
  let folder: string;
  let org: RootModule;

  beforeAll(async () => {
    const [tools, started] = await Promise.all([
      setUp({ projectRoot: ROOT, say: () => undefined }),
      startMinistack(),
    ]);
    emulator = started;
    folder = mkdtempSync(path.join(tmpdir(), "muster-stacks-"));
    const app = new App({ outdir: path.join(folder, "cdktf.out") });
    mkdirSync(path.join(folder, "project"));
    const file = path.join(folder, "project/muster.yaml");
    writeFileSync(file, MUSTER_YAML);
    declareStacks(app, parseMusterConfig(MUSTER_YAML, file));
    app.synth();
    const env = { ...process.env, ...emulator.env, ...tools.env };
    org = openRootModule(tools.terraform, path.join(folder, "cdktf.out/stacks/muster_demo"), env);
  }, DEPLOY_TIMEOUT_MS);
  afterAll(async () => {
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test(
    "is deployed whole, and a second plan changes nothing that the emulator gives back",
    async () => {
      await org.apply();
      const kinds: Record<string, number> = {};
      const { leftovers } = await findLeftovers("demo", emulator.client);
      for (const { kind } of leftovers) kinds[kind] = (kinds[kind] ?? 0) + 1;
      expect(kinds).toEqual(MADE);
      expect(await org.plannedChanges()).toEqual(NOT_GIVEN_BACK);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test(
    "is destroyed to nothing, but for the key, which waits for its deletion",
    async () => {
      await org.destroy();
      expect(await org.stateList()).toEqual([]);
      expect(await findLeftovers("demo", emulator.client)).toMatchObject({
        leftovers: [],
        pendingDeletion: [{ kind: "key" }],
      });
    },
    DEPLOY_TIMEOUT_MS,
  );
});
