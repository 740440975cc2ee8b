import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type SimulatedCluster, simulateCluster, until } from "../../support/scale/cluster.js";
import type { Sizes } from "../sizes.js";

/** What a head of many simulated nodes did. */
export interface ScaleFigures {
  readonly nodes: number;
  /** From the last node's welcome until the hostfile has them all. */
  readonly joinSeconds: number;
  /** Writes of the registry while they joined: one for each node, and of the cluster's item. */
  readonly joinNodeWrites: number;
  readonly joinClusterWrites: number;
  readonly headMb: number;
  /** In a minute at rest. */
  readonly writesPerMinute: number;
  readonly readsPerMinute: number;
  /** Of one core, at rest. */
  readonly headCpuPercent: number;
  /** From the head's death until another is head, and until all nodes are with it. */
  readonly otherHeadSeconds: number;
  readonly allWithItSeconds: number;
  /** And until the dead one is out of the hostfile, which has all others meanwhile. */
  readonly hostfileSeconds: number;
  /** Attempts to take the lease in the 50 ms in which the first of them is not seen yet. */
  readonly takesAtOnce: number;
  /** Nodes, but for the dead head, that were declared lost. */
  readonly lost: number;
}

const WRITES = [
  "lease.renew",
  "lease.take",
  "cluster.reportNode",
  "cluster.forgetNode",
  "cluster.writeObservation",
];
const READS = ["lease.read", "cluster.readCluster", "cluster.readNodes"];

/** So many simulated nodes join one head, rest, and lose it. */
export async function measureScale(
  {
    simulatedNodes: nodes,
    simulatedLeaseSeconds,
    restSeconds,
  }: Pick<Sizes, "simulatedNodes" | "simulatedLeaseSeconds" | "restSeconds">,
  say: (line: string) => void,
): Promise<ScaleFigures> {
  const cluster = await simulateCluster(nodes, simulatedLeaseSeconds);
  try {
    const joined = await join(cluster);
    say("scale: at rest");
    const rested = await rest(cluster, restSeconds);
    say("scale: without its head");
    return { nodes, ...joined, ...rested, ...(await loseHead(cluster)) };
  } finally {
    await cluster.stop();
  }
}

const count = ({ registry }: SimulatedCluster, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (registry.calls.get(name) ?? 0), 0);

async function join(cluster: SimulatedCluster) {
  const { nodes, registry, seen } = cluster;
  await until("all nodes are with the head", () => nodes.every((node) => node.isConnected()));
  const wanted = registry.meta().desiredNodes;
  await until(
    "the hostfile has all",
    async () => registry.meta().hostfileNodes === wanted && (await cluster.hosts()).length === wanted,
  );
  return {
    joinSeconds: (performance.now() - seen.lastWelcomeAtMs) / 1_000,
    joinNodeWrites: count(cluster, ["cluster.reportNode"]),
    joinClusterWrites: count(cluster, ["cluster.writeObservation"]),
  };
}

async function rest(cluster: SimulatedCluster, restSeconds: number) {
  const before = {
    writes: count(cluster, WRITES),
    reads: count(cluster, READS),
    cpu: await cpuSeconds(cluster),
  };
  await sleep(restSeconds * 1_000);
  const perMinute = 60 / restSeconds;
  return {
    writesPerMinute: (count(cluster, WRITES) - before.writes) * perMinute,
    readsPerMinute: (count(cluster, READS) - before.reads) * perMinute,
    headCpuPercent: (100 * ((await cpuSeconds(cluster)) - before.cpu)) / restSeconds,
    headMb: await cluster.headMb(),
  };
}

/** CPU time of the head's process. A tick of /proc is 10 ms. */
async function cpuSeconds(cluster: SimulatedCluster): Promise<number> {
  const stat = await readFile(`/proc/${cluster.head().child.pid}/stat`, "utf8");
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** A write's way to the registry and back: so long others do not see that the lease is taken. */
const ROUND_TRIP_MS = 50;

async function loseHead(cluster: SimulatedCluster) {
  const { registry, nodes, seen } = cluster;
  const killed = cluster.head();
  seen.takesAtMs = [];
  const fromMs = performance.now();
  const sinceThen = () => (performance.now() - fromMs) / 1_000;
  cluster.killHead();
  await until("another head", () => registry.holder() !== killed.id);
  const otherHeadSeconds = sinceThen();
  await until("all nodes are with it", () => nodes.every((node) => node.isConnected()));
  const allWithItSeconds = sinceThen();
  await until("its hostfile has all but the dead", async () => {
    if (registry.meta().headInstanceId === killed.id) return false;
    const hosts = await cluster.hosts();
    return hosts.length === nodes.length + 1 && !hosts.includes(killed.address);
  });
  const [firstTakeMs = 0] = seen.takesAtMs;
  return {
    ...{ otherHeadSeconds, allWithItSeconds, hostfileSeconds: sinceThen() },
    takesAtOnce: seen.takesAtMs.filter((atMs) => atMs - firstTakeMs < ROUND_TRIP_MS).length,
    lost: [...registry.lost].filter((id) => id !== killed.id).length,
  };
}
