import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** The Auto Scaling groups of an org's clusters and notebooks, by name. */
export interface Groups {
  /** Undefined: there is none. */
  find(name: string): Promise<AutoScalingGroup | undefined>;
  /** How many instances it is to have, between its least and its most. May run twice. */
  setSize(name: string, instances: number): Promise<void>;
  /** The same, and no more than that; its least goes down where it is in the way. May run twice. */
  resize(name: string, instances: number): Promise<void>;
}

/** Makes no call. */
export function openGroups(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Groups {
  const client = new AutoScalingClient(clientSettings(opening, version));
  const call = callsOf(client, "AUTO_SCALING", opening, env);
  const aborting = { abortSignal: opening.signal };
  const setting = (name: string, instances: number): string =>
    `set Auto Scaling group ${name} to ${instances} instances`;

  async function find(name: string): Promise<AutoScalingGroup | undefined> {
    const asked = { AutoScalingGroupNames: [name] };
    const { AutoScalingGroups = [] } = await call(`describe Auto Scaling group ${name}`, () =>
      client.send(new DescribeAutoScalingGroupsCommand(asked), aborting),
    );
    return AutoScalingGroups[0];
  }

  return {
    find,
    async setSize(AutoScalingGroupName, DesiredCapacity) {
      const set = { AutoScalingGroupName, DesiredCapacity, HonorCooldown: false };
      await call(setting(AutoScalingGroupName, DesiredCapacity), () =>
        client.send(new SetDesiredCapacityCommand(set), aborting),
      );
    },
    async resize(AutoScalingGroupName, size) {
      const isInTheWay = ((await find(AutoScalingGroupName))?.MinSize ?? 0) > size;
      const update = {
        ...{ AutoScalingGroupName, DesiredCapacity: size, MaxSize: size },
        ...(isInTheWay ? { MinSize: size } : {}),
      };
      await call(setting(AutoScalingGroupName, size), () =>
        client.send(new UpdateAutoScalingGroupCommand(update), aborting),
      );
    },
  };
}
