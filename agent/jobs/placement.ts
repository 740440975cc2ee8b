import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import type { JobRequest } from "../contract/registry.js";
import type { HostfileNode } from "../head/hostfile.js";

/** How many ranks run where. */
export interface Placement {
  readonly ranks: number;
  /** The job's own hostfile: each node with the number of ranks that it takes at most. */
  readonly hosts: readonly HostfileNode[];
}

/**
 * The nodes' slots for a job, or why it does not fit. Without `processesPerNode` a node has a slot for each core, with it that many:
 * never more than cores, since ranks that share a core wait for each other. Pure.
 */
export function placeRanks(
  { processes, processesPerNode }: Pick<JobRequest, "processes" | "processesPerNode">,
  nodes: readonly HostfileNode[],
): Placement | Because<JobReasonCode> {
  const cores = slotsOf(nodes);
  if (cores === 0) return because("no-nodes", "the hostfile lists no node");
  const small = nodes.find((node) => node.cores < (processesPerNode ?? 0));
  if (small !== undefined) {
    const why = `processesPerNode is ${processesPerNode}, but node ${small.address} has ${small.cores} cores`;
    return because("too-many-processes", why);
  }
  const hosts = nodes.map((node) => ({ ...node, cores: processesPerNode ?? node.cores }));
  const slots = slotsOf(hosts);
  const ranks = processes ?? slots;
  if (ranks <= slots) return { ranks, hosts };
  const room =
    processesPerNode === undefined
      ? `the hostfile's ${nodes.length} nodes have ${cores} cores`
      : `the hostfile's ${nodes.length} nodes with ${processesPerNode} each take ${slots}`;
  return because("too-many-processes", `processes is ${ranks}, but ${room}`);
}

const slotsOf = (nodes: readonly HostfileNode[]): number => nodes.reduce((sum, { cores }) => sum + cores, 0);

/** The one process of a job without MPI, on the head: where the job's folder was made, and where mpiexec would be. Pure. */
export function placeAlone(head: string, nodes: readonly HostfileNode[]): Placement | Because<JobReasonCode> {
  if (nodes.length === 0) return because("no-nodes", "the hostfile lists no node");
  const node = nodes.find(({ address }) => address === head);
  if (node === undefined)
    return because("no-nodes", `the head node ${head}, where a job without MPI runs, is not in the hostfile`);
  return { ranks: 1, hosts: [{ ...node, cores: 1 }] };
}
