import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScheduledActionsCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App, TerraformStack } from "cdktf";
import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import { type SetUp, setUp } from "../../../scripts/setup/set-up.js";
import { WakeSchedule, wakeTime } from "../../../stacks/index.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { openRootModule, type RootModule } from "../../support/stacks/root-module.js";

const ROOT = path.join(__dirname, "../../..");
const TIMEOUT_MS = 240_000;
const GROUP = "muster-alpha";

describe("wake schedules on the emulator, by real Terraform", () => {
  let emulator: TestEmulator;
  let tools: SetUp;
  let folder: string;
  let scaling: AutoScalingClient;

  beforeAll(async () => {
    [emulator, tools] = await Promise.all([
      startEmulator(),
      setUp({ projectRoot: ROOT, say: () => undefined }),
    ]);
    folder = mkdtempSync(path.join(tmpdir(), "muster-wake-"));
    scaling = new AutoScalingClient(emulator.client);
    const LaunchTemplate = { LaunchTemplateName: "nodes" };
    const LaunchTemplateData = { ImageId: "ami-12c6146b", InstanceType: "c5.xlarge" } as const;
    await new EC2Client(emulator.client).send(
      new CreateLaunchTemplateCommand({ ...LaunchTemplate, LaunchTemplateData }),
    );
    await scaling.send(
      new CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName: GROUP, MinSize: 0, MaxSize: 4, DesiredCapacity: 0 },
        ...{ LaunchTemplate, AvailabilityZones: ["us-east-1a"] },
      }),
    );
  }, TIMEOUT_MS);
  afterAll(async () => {
    scaling?.destroy();
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function declare(schedules: Readonly<Record<string, JobSchedule>>): RootModule {
    const app = new App({ outdir: path.join(folder, "cdktf.out") });
    const stack = new TerraformStack(app, "wake");
    new AwsProvider(stack, "aws", { region: "us-east-1" });
    for (const [definition, schedule] of Object.entries(schedules)) {
      const time = wakeTime(schedule, new Date());
      if (time !== null)
        new WakeSchedule(stack, definition, {
          autoscalingGroup: GROUP,
          nodes: 2,
          definition,
          time,
          after: [],
        });
    }
    app.synth();
    const env = { ...process.env, ...emulator.env, ...tools.env };
    return openRootModule(tools.terraform, path.join(folder, "cdktf.out/stacks/wake"), env);
  }
  const actions = async () => {
    const command = new DescribeScheduledActionsCommand({ AutoScalingGroupName: GROUP });
    const { ScheduledUpdateGroupActions = [] } = await scaling.send(command);
    return ScheduledUpdateGroupActions.sort((a, b) =>
      `${a.ScheduledActionName}`.localeCompare(`${b.ScheduledActionName}`),
    );
  };

  test(
    "are made, show no change in a second plan, follow an edit, and leave the group's size alone",
    async () => {
      const nextYear = new Date().getUTCFullYear() + 1;
      const once = { at: `${nextYear}-12-24T18:00:00Z` };
      const module = declare({ nightly: { cron: "0 2 * * *", timeZone: "Europe/Berlin" }, once });
      await module.apply();
      expect(await actions()).toMatchObject([
        {
          ScheduledActionName: "wake-for-nightly",
          Recurrence: "50 1 * * *",
          TimeZone: "Europe/Berlin",
          DesiredCapacity: 2,
        },
        {
          ScheduledActionName: "wake-for-once",
          StartTime: new Date(`${nextYear}-12-24T17:50:00Z`),
          DesiredCapacity: 2,
        },
      ]);
      for (const { MinSize, MaxSize } of await actions())
        expect([MinSize, MaxSize]).toEqual([undefined, undefined]);
      expect(await module.plannedChanges()).toEqual([]);
      const edited = declare({ nightly: { cron: "30 3 * * 1-5" }, once });
      await edited.apply();
      expect((await actions())[0]).toMatchObject({ Recurrence: "20 3 * * 1-5", TimeZone: "UTC" });
      const { AutoScalingGroups } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
      expect(AutoScalingGroups).toMatchObject([{ MinSize: 0, MaxSize: 4, DesiredCapacity: 0 }]);
      await edited.destroy();
      expect(await actions()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
