import { EC2Client, type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import { readBootProblems } from "./boot-problems.js";
import type { BootProblem } from "./hosts/boot-problem.js";
import { cloudPlaces } from "./hosts/cloud.js";
import { observeNodes } from "./hosts/hosts.js";
import { leftoversOf } from "./hosts/sweep.js";
import { type CloudState, readRunning } from "./state.js";

export interface LocalNode {
  readonly instanceId: string;
  readonly address: string;
  readonly hostname: string;
  readonly type: string;
  /** Of EC2: pending, running, ... */
  readonly state: string;
  /** Its node's power on this machine; null = it has no node (yet). */
  readonly power: "on" | "off" | null;
}

/** A cloud as it is now. */
export interface CloudStatus {
  readonly name: string;
  readonly running: CloudState | null;
  readonly uptimeSeconds: number;
  /** Sorted by address. */
  readonly nodes: readonly LocalNode[];
  /** The nodes that do not boot. */
  readonly bootProblems: readonly BootProblem[];
  /** What a cloud that does not run has left on this machine, in words. */
  readonly leftovers: readonly string[];
}

/** Changes nothing. */
export async function cloudStatus(name: string): Promise<CloudStatus> {
  const running = readRunning(name);
  if (running === null) {
    const leftovers = leftoversOf(cloudPlaces(name));
    return { name, running, uptimeSeconds: 0, nodes: [], bootProblems: [], leftovers };
  }
  const uptimeSeconds = Math.round((Date.now() - Date.parse(running.startedAt)) / 1000);
  const bootProblems = readBootProblems(cloudPlaces(name));
  return { name, running, uptimeSeconds, nodes: await listNodes(running), bootProblems, leftovers: [] };
}

/** The instance with this id, address or host name. Fails if there is none. */
export async function findNode(state: CloudState, wanted: string): Promise<LocalNode> {
  const nodes = await listNodes(state);
  const isWanted = (node: LocalNode): boolean =>
    [node.instanceId, node.address, node.hostname, node.hostname.split(".")[0]].includes(wanted);
  const found = nodes.find(isWanted);
  if (found !== undefined) return found;
  const there = nodes.map((node) => `${node.instanceId} (${node.address})`).join(", ") || "none";
  throw new Error(`"${wanted}" is not a node of the local cloud "${state.name}". Its nodes: ${there}.`);
}

async function listNodes(state: CloudState): Promise<LocalNode[]> {
  const power = new Map(observeNodes(cloudPlaces(state.name)).map((node) => [node.instanceId, node.power]));
  const client = new EC2Client({
    endpoint: state.endpointUrl,
    region: state.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const found: Instance[] = [];
  const Filters = [{ Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }];
  for await (const page of paginateDescribeInstances({ client }, { Filters })) {
    for (const { Instances } of page.Reservations ?? []) found.push(...(Instances ?? []));
  }
  return found
    .map((instance) => toNode(instance, power))
    .sort((a, b) => a.address.localeCompare(b.address, "en", { numeric: true }));
}

const toNode = (instance: Instance, power: ReadonlyMap<string, "on" | "off">): LocalNode => ({
  instanceId: instance.InstanceId ?? "",
  address: instance.PrivateIpAddress ?? "",
  hostname: instance.PrivateDnsName ?? "",
  type: instance.InstanceType ?? "",
  state: instance.State?.Name ?? "",
  power: power.get(instance.InstanceId ?? "") ?? null,
});
