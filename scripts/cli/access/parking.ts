import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { createEventStore } from "../../../agent/aws/event-store.js";
import { readRunningJobs, readUnendedJobs } from "../../../agent/aws/park-store.js";
import { perform } from "../../../agent/aws/table.js";
import type { Clusters, Opening, SizeControl } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";
import { settledSoon } from "./settled.js";
import type { OrgTable } from "./table.js";

/** Parks, resumes and resizes an org's clusters, with the person's own credentials. */
export interface Parking {
  of(clusterUuid: string): SizeControl;
  /** Resolves when what was noted is written, or could not be: after a second at most. */
  settled(): Promise<void>;
}

/** Makes no call. */
export function openParking(
  { client, TableName, aborting, call }: OrgTable,
  clusters: Pick<Clusters, "read">,
  opening: Opening,
  { env, version }: { readonly env: Readonly<Record<string, string | undefined>>; readonly version: string },
): Parking {
  const scaling = new AutoScalingClient(clientSettings(opening, version));
  const callScaling = callsOf(scaling, "AUTO_SCALING", opening, env);
  const going = new Set<Promise<void>>();
  return {
    of(clusterUuid) {
      const table = { client, TableName, clusterUuid };
      const events = createEventStore(table);
      return {
        readCluster: () => clusters.read(clusterUuid),
        perform: (write) => call(`change cluster ${clusterUuid}`, () => perform(table, write, aborting)),
        unendedJobs: () =>
          call(`list the jobs of cluster ${clusterUuid}`, () => readUnendedJobs(table, opening.signal)),
        runningJobs: () =>
          call(`list the jobs of cluster ${clusterUuid}`, () => readRunningJobs(table, opening.signal)),
        async resizeGroup(AutoScalingGroupName, size) {
          const names = { AutoScalingGroupNames: [AutoScalingGroupName] };
          const { AutoScalingGroups = [] } = await callScaling(
            `describe Auto Scaling group ${AutoScalingGroupName}`,
            () => scaling.send(new DescribeAutoScalingGroupsCommand(names), aborting),
          );
          const isInTheWay = (AutoScalingGroups[0]?.MinSize ?? 0) > size;
          const update = {
            ...{ AutoScalingGroupName, DesiredCapacity: size, MaxSize: size },
            ...(isInTheWay ? { MinSize: size } : {}),
          };
          await callScaling(`set Auto Scaling group ${AutoScalingGroupName} to ${size} instances`, () =>
            scaling.send(new UpdateAutoScalingGroupCommand(update), aborting),
          );
        },
        async setSize(AutoScalingGroupName, DesiredCapacity) {
          const set = { AutoScalingGroupName, DesiredCapacity, HonorCooldown: false };
          await callScaling(
            `set Auto Scaling group ${AutoScalingGroupName} to ${DesiredCapacity} instances`,
            () => scaling.send(new SetDesiredCapacityCommand(set), aborting),
          );
        },
        // The history is for people: no command fails for it.
        note: (event) => void going.add(events.write(event, new Date()).catch(() => undefined)),
      };
    },
    settled: () => settledSoon(going),
  };
}
