import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { GroupControl } from "../head/group.js";
import { requestHandler } from "./request-handler.js";
import { credentials } from "./table.js";

/** What Auto Scaling says of an instance that starts, or runs. */
const STAYING = /^(?:Pending|InService)/;

/** The SDK is loaded at the first call: most nodes never make one, and it takes memory on each. */
export function openGroupControl(region: string): GroupControl {
  const load = () => import("@aws-sdk/client-auto-scaling");
  let client: AutoScalingClient | null = null;
  async function open() {
    const sdk = await load();
    client ??= new sdk.AutoScalingClient({
      region,
      credentials,
      requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 5_000 }),
    });
    return { sdk, client };
  }
  return {
    async instances(name) {
      const { sdk, client } = await open();
      const command = new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
      const { AutoScalingGroups = [] } = await client.send(command);
      return AutoScalingGroups.flatMap(({ Instances = [] }) =>
        Instances.flatMap(({ InstanceId, LifecycleState = "" }) =>
          InstanceId !== undefined && STAYING.test(LifecycleState) ? [InstanceId] : [],
        ),
      );
    },
    async setSize(name, instances) {
      const { sdk, client } = await open();
      const set = { AutoScalingGroupName: name, DesiredCapacity: instances, HonorCooldown: false };
      await client.send(new sdk.SetDesiredCapacityCommand(set));
    },
    async end(instanceId, isReplaced) {
      const { sdk, client } = await open();
      const end = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: !isReplaced };
      await client.send(new sdk.TerminateInstanceInAutoScalingGroupCommand(end));
    },
  };
}
