import { existsSync } from "node:fs";
import { join } from "node:path";
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { nodeTextKey } from "../../agent/contract/names.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { NODE_FAULTS } from "../../scripts/local/hosts/faults.js";
import { observeNodes } from "../../scripts/local/hosts/hosts.js";
import { nodePlaces } from "../../scripts/local/hosts/system/node.js";
import { waitFor } from "../../scripts/system/wait.js";
import type { FaultCloud } from "./cloud.js";

/** A minute and a half that a node here may boot for, and what the head needs to learn of it and to end it. */
const REPLACED_SECONDS = 240;

/**
 * Ends an instance, and takes the power of the one that the group starts for it before its agent has said a word. Resolves when the head has
 * given that one back, and kept its console.
 */
export async function replaceWithDead(
  cloud: FaultCloud,
  cluster: ObservedCluster,
  id: string,
): Promise<void> {
  const ec2 = new EC2Client({ region: cloud.region });
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  const dead = await powerless(cloud, cluster);
  await waitFor({
    what: `${dead}, which never reports, to be replaced`,
    timeoutSeconds: REPLACED_SECONDS,
    look: async () => {
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [dead] }));
      return Reservations[0]?.Instances?.[0]?.State?.Name ?? "gone";
    },
    isDone: (state) => state !== "running" && state !== "pending",
    describe: (state) => `${dead} is ${state}`,
  });
  ec2.destroy();
  const s3 = new S3Client({ region: cloud.region, forcePathStyle: true });
  const Key = nodeTextKey(cluster.uuid, dead, "console.log");
  await s3.send(new HeadObjectCommand({ Bucket: cluster.logBucket ?? "", Key }));
  s3.destroy();
}

/** The first new node of the cloud, as soon as its systemd runs, which its network card comes before; without power from then on. */
async function powerless({ name }: FaultCloud, { nodes }: ObservedCluster): Promise<string> {
  const places = cloudPlaces(name);
  const known = new Set(nodes.map(({ id }) => id));
  const found = await waitFor({
    ...{ what: "another instance", timeoutSeconds: 60, everyMs: 20 },
    look: () =>
      observeNodes(places).find(
        ({ instanceId }) =>
          !known.has(instanceId) &&
          existsSync(join(nodePlaces(places, instanceId).cgroup, "node/init.scope")),
      )?.instanceId,
    isDone: (instanceId) => instanceId !== undefined,
    describe: () => "none yet",
  });
  if (found === undefined) throw new Error("no other instance was started");
  await NODE_FAULTS.kill(places, found);
  return found;
}
