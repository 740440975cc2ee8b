import { nodeSk, partitionKeyed } from "../keys.js";
import type { NodeItem } from "../registry.js";
import {
  absent,
  any,
  atMost,
  type Condition,
  type Delete,
  type Key,
  legal,
  type Update,
  update,
} from "./write.js";

/** How a node is reached from outside, and known. */
type NodeReach = "publicAddress" | "sshHostKeys";
/** What a node says of itself. */
export type NodeFacts = Required<Omit<NodeItem, "failingProbes" | "drain" | "leaseGeneration" | NodeReach>> &
  Pick<NodeItem, NodeReach>;
/** What the head says of a node that it has heard. */
export type NodeReport = Required<
  Pick<NodeItem, "instanceId" | "address" | "hostname" | "cores" | "kind" | "failingProbes">
> &
  Pick<NodeItem, "drain">;

const keyOf = (clusterUuid: string, instanceId: string): Key =>
  partitionKeyed(clusterUuid, nodeSk(instanceId));
const isNoNewerHeads = (generation: number): Condition =>
  any(absent("leaseGeneration"), atMost("leaseGeneration", generation));

/** The legal writes of `NODE#<instance>`: what a node says of itself, and what the head says of it. */
export const nodeWrites = {
  register: legal(
    {
      by: ["node"],
      why: "A node says what it is, each time that its agent starts. What the head says of it stays.",
      unconditional: "No other node has this instance id, and what its latest start says is what holds.",
    },
    (clusterUuid: string, node: NodeFacts): Update =>
      update(keyOf(clusterUuid, node.instanceId), { set: node }, null),
  ),
  report: legal(
    {
      by: ["head"],
      why: "The head says how it sees a node, when that has changed; not over a newer head's word. It makes the item where there is none: one that was forgotten may be heard again.",
    },
    (clusterUuid: string, generation: number, report: NodeReport): Update =>
      update(
        keyOf(clusterUuid, report.instanceId),
        { set: { ...report, leaseGeneration: generation } },
        isNoNewerHeads(generation),
      ),
  ),
  forget: legal(
    {
      by: ["head"],
      why: "A node has left, or has not been heard for long: its item goes, so that replaced nodes don't pile up; not where a newer head has heard it.",
    },
    (clusterUuid: string, generation: number, instanceId: string): Delete => ({
      write: "delete",
      key: keyOf(clusterUuid, instanceId),
      condition: isNoNewerHeads(generation),
    }),
  ),
  clear: legal(
    {
      by: ["provider"],
      why: "A fleet was drained: the items of its workers go with the instances, so that the next head waits for none of them.",
      unconditional: "The instance is terminated. An instance id is never used again.",
    },
    (clusterUuid: string, instanceId: string): Delete => ({
      write: "delete",
      key: keyOf(clusterUuid, instanceId),
      condition: null,
    }),
  ),
} as const;
