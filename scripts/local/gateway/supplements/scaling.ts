import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import type { ActiveFault, Faults } from "../faults.js";
import { errorReply, queryReply, type Reply } from "../reply.js";
import { createActivities } from "./activities.js";
import type { GatewayCall, Supplements } from "./supplement.js";

/** Auto Scaling's supplements, and its retries of launches that failed for lack of capacity. */
export interface Scaling {
  readonly supplements: Supplements;
  /** Retries missing launches, as Auto Scaling does periodically. May be called at any time, not concurrently. */
  retry(): Promise<void>;
}

interface Shortage {
  readonly region: string;
  readonly group: string;
  readonly wanted: number;
}

const NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
const NO_CAPACITY = { service: "ec2", action: "RunInstances" };
const NO_CAPACITY_MESSAGE =
  "We currently do not have sufficient capacity of the requested instance type in the Availability Zone you " +
  "requested. Our system will be working on provisioning additional capacity.";

/**
 * The groups' histories, which the emulator lacks, and the "no capacity" fault: under it a group keeps the desired
 * capacity that was asked for, starts only what is available, and its history shows the failure.
 */
export function createScaling(emulatorUrl: string, faults: Faults): Scaling {
  const activities = createActivities();
  const shortages = new Map<string, Shortage>();
  const clients = new Map<string, AutoScalingClient>();
  const keyOf = (region: string, group: string): string => `${region}/${group}`;

  function clientOf(region: string): AutoScalingClient {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client =
      clients.get(region) ?? new AutoScalingClient({ endpoint: emulatorUrl, region, credentials });
    clients.set(region, client);
    return client;
  }

  async function instanceIds(region: string, group: string): Promise<string[]> {
    const { AutoScalingGroups } = await clientOf(region).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    return (AutoScalingGroups?.[0]?.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  }

  function fail(fault: ActiveFault, region: string, group: string): void {
    faults.strike(fault.id);
    const injected = "message" in fault.response ? fault.response.message : undefined;
    activities.recordFailure(keyOf(region, group), group, injected ?? NO_CAPACITY_MESSAGE, new Date());
  }

  /** Any call that sets a group's desired capacity. */
  async function setDesired(call: GatewayCall): Promise<Reply | undefined> {
    const { form } = call.request;
    const { region } = call.operation;
    const group = form.get("AutoScalingGroupName") ?? "";
    const desired = form.get("DesiredCapacity");
    if (desired === null) return undefined;
    const wanted = Number(desired);
    const running = (await instanceIds(region, group)).length;
    const fault = capacityFault(faults);
    const possible = running + (fault?.available ?? 0);
    if (fault === undefined || wanted <= possible) {
      shortages.delete(keyOf(region, group));
      return undefined;
    }
    const body = new URLSearchParams(form);
    body.set("DesiredCapacity", String(possible));
    const reply = await call.ask({ body: Buffer.from(body.toString()) });
    if (reply.status < 300) {
      shortages.set(keyOf(region, group), { region, group, wanted });
      fail(fault.fault, region, group);
    }
    return reply;
  }

  async function describeActivities(call: GatewayCall): Promise<Reply | undefined> {
    const { form } = call.request;
    const { region } = call.operation;
    const group = form.get("AutoScalingGroupName");
    if (group === null) return undefined;
    activities.observe(keyOf(region, group), group, await instanceIds(region, group), new Date());
    const start = Number(form.get("NextToken") ?? 0);
    const end = start + Number(form.get("MaxRecords") ?? 100);
    const all = activities.list(keyOf(region, group));
    return queryReply("DescribeScalingActivities", NAMESPACE, {
      Activities: {
        member: all.slice(start, end).map((activity) => ({
          ActivityId: activity.id,
          AutoScalingGroupName: activity.group,
          Description: activity.description,
          Cause: activity.cause,
          StartTime: activity.at.toISOString(),
          EndTime: activity.at.toISOString(),
          StatusCode: activity.status,
          StatusMessage: activity.message,
          Progress: 100,
          Details: "{}",
        })),
      },
      NextToken: end < all.length ? end : undefined,
    });
  }

  return {
    supplements: {
      "ec2.RunInstances": async (call) => {
        const fault = capacityFault(faults);
        if (fault === undefined || Number(call.request.form.get("MinCount") ?? 1) <= fault.available)
          return undefined;
        faults.strike(fault.fault.id);
        return errorReply(call.operation, 500, "InsufficientInstanceCapacity", NO_CAPACITY_MESSAGE);
      },
      "autoscaling.CreateAutoScalingGroup": setDesired,
      "autoscaling.UpdateAutoScalingGroup": setDesired,
      "autoscaling.SetDesiredCapacity": setDesired,
      "autoscaling.DescribeScalingActivities": describeActivities,
      "autoscaling.DescribeAutoScalingGroups": async (call) => {
        if (shortages.size === 0) return undefined;
        const reply = await call.ask();
        return {
          ...reply,
          body: withDesired(
            reply.body,
            (group) => shortages.get(keyOf(call.operation.region, group))?.wanted,
          ),
        };
      },
      // The emulator fails by itself for an instance that is in no group; Auto Scaling says so.
      "autoscaling.TerminateInstanceInAutoScalingGroup": async ({ operation, request }) => {
        const id = request.form.get("InstanceId") ?? "";
        const { AutoScalingInstances = [] } = await clientOf(operation.region).send(
          new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
        );
        if (AutoScalingInstances.length > 0) return undefined;
        const message = `Instance Id not found - No managed instance found for instance ID: ${id}`;
        return errorReply(operation, 400, "ValidationError", message);
      },
      "autoscaling.DeleteAutoScalingGroup": async ({ operation, request }) => {
        const key = keyOf(operation.region, request.form.get("AutoScalingGroupName") ?? "");
        shortages.delete(key);
        activities.forget(key);
        return undefined;
      },
    },
    async retry() {
      for (const [key, { region, group, wanted }] of shortages) {
        const fault = capacityFault(faults);
        if (fault !== undefined) {
          fail(fault.fault, region, group);
          continue;
        }
        const command = new SetDesiredCapacityCommand({
          AutoScalingGroupName: group,
          DesiredCapacity: wanted,
        });
        await clientOf(region).send(command);
        shortages.delete(key);
      }
    },
  };
}

/** The "no capacity" rule in force, if any, and how many instances are left. */
function capacityFault(faults: Faults): { fault: ActiveFault; available: number } | undefined {
  const fault = faults.find(NO_CAPACITY, "capacity");
  if (fault === undefined || !("noCapacity" in fault.response)) return undefined;
  return { fault, available: fault.response.available ?? 0 };
}

/**
 * DescribeAutoScalingGroups' XML with other desired capacities. Each group has one name and one desired capacity, and nothing
 * below a group repeats them, so the n-th capacity belongs to the n-th name.
 */
export function withDesired(xml: string, wantedOf: (group: string) => number | undefined): string {
  const names = [...xml.matchAll(/<AutoScalingGroupName>([^<]*)<\/AutoScalingGroupName>/g)].map(
    (match) => match[1] ?? "",
  );
  let n = 0;
  return xml.replace(/<DesiredCapacity>\d+<\/DesiredCapacity>/g, (whole) => {
    const wanted = wantedOf(names[n++] ?? "");
    return wanted === undefined ? whole : `<DesiredCapacity>${wanted}</DesiredCapacity>`;
  });
}
