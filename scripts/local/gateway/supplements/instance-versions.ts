import { AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import type { Supplements } from "./supplement.js";

/** An instance of a group, as DescribeAutoScalingGroups has it: nothing in it has members of its own. */
const INSTANCE = /<member>(?:(?!<\/?member>)[\s\S])*?<InstanceId>[\s\S]*?<\/member>/g;

/**
 * Which version of its launch template each instance of a group was started from. The emulator says the template's default version of
 * now, so what it says is kept before another one becomes the default. `scaling` are the supplements of Auto Scaling.
 */
export function instanceVersions(scaling: Supplements, emulatorUrl: string): Supplements {
  const versions = new Map<string, string>();

  async function keepAll(region: string): Promise<void> {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new AutoScalingClient({ endpoint: emulatorUrl, region, credentials });
    for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, {})) {
      for (const { InstanceId = "", LaunchTemplate } of AutoScalingGroups.flatMap((it) => it.Instances ?? []))
        if (!versions.has(InstanceId) && LaunchTemplate?.Version !== undefined)
          versions.set(InstanceId, LaunchTemplate.Version);
    }
    client.destroy();
  }

  return {
    ...scaling,
    "ec2.ModifyLaunchTemplate": async ({ operation }) => {
      await keepAll(operation.region);
      return undefined;
    },
    "autoscaling.DescribeAutoScalingGroups": async (call) => {
      const reply = (await scaling["autoscaling.DescribeAutoScalingGroups"]?.(call)) ?? (await call.ask());
      return { ...reply, body: withVersions(reply.body, versions) };
    },
  };
}

/** DescribeAutoScalingGroups' XML with these versions, by instance. Pure. */
export const withVersions = (xml: string, versions: ReadonlyMap<string, string>): string =>
  xml.replace(INSTANCE, (instance) => {
    const version = versions.get(/<InstanceId>([^<]*)</.exec(instance)?.[1] ?? "");
    return version === undefined
      ? instance
      : instance.replace(/<Version>[^<]*<\/Version>/, `<Version>${version}</Version>`);
  });
