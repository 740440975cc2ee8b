import { existsSync, readFileSync } from "node:fs";
import { EC2Client, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { nodeTextKey, TAG } from "../../agent/contract/names.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { NodeSummary } from "../../agent/contract/registry.js";
import { renderHostfile } from "../../agent/head/hostfile.js";
import { waitFor } from "../../scripts/system/wait.js";
import { describeNodes, type FaultCloud } from "./cloud.js";
import type { Fault, Injector } from "./fault.js";

const REPLACED_SECONDS = 150;
const isReady = ({ failingProbes, state }: NodeSummary): boolean =>
  failingProbes.length === 0 && (state === "ready" || state === "busy");

/** Waits until the head has given the node back that it is to replace. Throws where it does not. */
export async function awaitReplacement(
  { replaces }: Fault,
  into: Injector,
  cloud: FaultCloud,
): Promise<void> {
  if (replaces === undefined) return;
  const { id } = into.node(replaces);
  await waitFor({
    what: `${id} to be replaced`,
    timeoutSeconds: REPLACED_SECONDS,
    look: cloud.look,
    isDone: ({ nodes }) => !nodes.some((node) => node.id === id && node.state !== "stopping"),
    describe: describeNodes,
  });
  // Another instance may get the address.
  into.announce(replaces, {});
}

/** What is wrong with the cluster when it is whole again, in words: hostfile, instances, what a replaced node had to leave, the head. */
export async function aftermath(
  { replaces, headStays = false }: Fault,
  into: Injector,
  cloud: FaultCloud,
): Promise<readonly string[]> {
  const cluster = await cloud.look();
  const hasMoved = headStays && cluster.headInstanceId !== into.node("head").id;
  return [
    ...hostfileProblems(cluster, cloud),
    ...(await instanceProblems(cluster, cloud)),
    ...(hasMoved ? [`another node is head: ${cluster.headInstanceId}`] : []),
    ...(replaces === undefined ? [] : await replacementProblems(cluster, into.node(replaces), cloud)),
  ];
}

function hostfileProblems(cluster: ObservedCluster, cloud: FaultCloud): readonly string[] {
  const path = cloud.hostfileOf(cluster.uuid);
  const text = existsSync(path) ? readFileSync(path, "utf8") : null;
  const wanted = renderHostfile(cluster.nodes.filter(isReady));
  return text === wanted ? [] : [`the hostfile is ${JSON.stringify(text)}, not ${JSON.stringify(wanted)}`];
}

async function instanceProblems(
  { uuid }: ObservedCluster,
  { region, nodes }: FaultCloud,
): Promise<readonly string[]> {
  const client = new EC2Client({ region });
  const Filters = [
    { Name: `tag:${TAG.CLUSTER}`, Values: [uuid] },
    { Name: "instance-state-name", Values: ["pending", "running"] },
  ];
  let count = 0;
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters }))
    count += Reservations.reduce((sum, { Instances = [] }) => sum + Instances.length, 0);
  return count === nodes ? [] : [`${count} instances run, not ${nodes}`];
}

async function replacementProblems(
  { uuid, nodes, logBucket = "" }: ObservedCluster,
  { id }: NodeSummary,
  { region }: FaultCloud,
): Promise<readonly string[]> {
  const s3 = new S3Client({ region, forcePathStyle: true });
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: logBucket, Prefix: nodeTextKey(uuid, id, "") }),
  );
  const isKept = Contents.some(({ Size = 0 }) => Size > 0);
  return [
    ...(nodes.some((node) => node.id === id && isReady(node)) ? [`${id} is still there`] : []),
    ...(isKept ? [] : [`${id} has left neither journal nor console in the bucket`]),
  ];
}
