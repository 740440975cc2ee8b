import { type Static, Type } from "@sinclair/typebox";
import { Nullable } from "./item-fields.js";

const Bytes = (description: string) => Nullable(Type.Integer({ description }));
const Seconds = Type.Number({ description: "CPU time of all its processes, user and system" });

/** What a job's processes have used on one node. */
export const NodeUsage = Type.Object({
  address: Type.String(),
  peakMemoryBytes: Bytes("with the files that the kernel kept for them; null: the kernel does not count it"),
  cpuSeconds: Seconds,
});
export type NodeUsage = Static<typeof NodeUsage>;

/** What a job has used on all its nodes. */
export const JobUsage = Type.Object({
  nodes: Type.Integer({ description: "that have said what was used there" }),
  silentNodes: Type.Integer({ description: "of the job's nodes, those that have not" }),
  peakMemoryBytes: Bytes("the highest of a node"),
  peakMemoryAddress: Nullable(Type.String({ description: "that node" })),
  cpuSeconds: Seconds,
  /** Missing: of MPICH, or without MPI. */
  network: Type.Optional(
    Type.String({
      description:
        "what carried the messages of Intel MPI's ranks: libfabric's provider (efa, tcp), or shm on one node",
    }),
  ),
});
export type JobUsage = Static<typeof JobUsage>;

/** An attempt's record lists the usage of at most as many nodes. */
export const MAX_USAGE_NODES = 256;

/** The whole of it, for a job on `nodeCount` nodes; null: no node has said anything. Pure. */
export function totalUsage(byNode: readonly NodeUsage[], nodeCount: number): JobUsage | null {
  if (byNode.length === 0) return null;
  const highest = byNode.reduce((top, node) =>
    (node.peakMemoryBytes ?? -1) > (top.peakMemoryBytes ?? -1) ? node : top,
  );
  const { peakMemoryBytes, address } = highest;
  return {
    nodes: byNode.length,
    silentNodes: Math.max(0, nodeCount - byNode.length),
    peakMemoryBytes,
    peakMemoryAddress: peakMemoryBytes === null ? null : address,
    cpuSeconds: Math.round(byNode.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) * 1_000) / 1_000,
  };
}
