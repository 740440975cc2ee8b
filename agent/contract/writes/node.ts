import { nodeSk, partitionKeyed } from "../keys.js";
import type { NodeItem } from "../registry.js";
import { legal, type Put } from "./write.js";

/** The legal writes of `NODE#<instance>`: what a node says of itself. */
export const nodeWrites = {
  register: legal(
    {
      by: ["node"],
      why: "A node says what it is, each time that its agent starts.",
      unconditional: "No other node has this instance id, and what its latest start says is what holds.",
    },
    (clusterUuid: string, node: NodeItem): Put => ({
      write: "put",
      key: partitionKeyed(clusterUuid, nodeSk(node.instanceId)),
      item: node,
      condition: null,
    }),
  ),
} as const;
