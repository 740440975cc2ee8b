import type { NewEvent } from "../contract/event.js";
import { isUsable } from "../contract/node-state.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import type { Observation } from "../contract/writes/cluster.js";

/** What a head adds to the cluster's history: what has changed since it looked before. */
export interface History {
  /** A term begins: these are known from the head before. */
  begin(
    self: { readonly id: string },
    generation: number,
    inherited: readonly { readonly id: string }[],
  ): void;
  /** What the head sees now of the nodes. */
  nodes(nodes: readonly NodeSummary[]): void;
  /** META was written. */
  written(before: ClusterItem, changes: Observation["changes"]): void;
}

/** An event names so many nodes: with 1,000 of them it is still one event, and one write. */
const NAMED_NODES = 5;

export function createHistory(note: (event: NewEvent) => void): History {
  let before: ReadonlyMap<string, NodeSummary> = new Map();
  let everReady = new Set<string>();
  return {
    begin(self, generation, inherited) {
      before = new Map();
      everReady = new Set(inherited.map(({ id }) => id));
      const text = `${self.id} is head node, generation ${generation}.`;
      note({ code: "head-changed", text, nodeId: self.id });
    },
    nodes(nodes) {
      const joined = nodes.filter((node) => isUsable(node) && !everReady.has(node.id));
      const unready = nodes.filter(({ id, state }) => state === "unready" && wasUsable(before.get(id)));
      for (const { id } of joined) everReady.add(id);
      before = new Map(nodes.map((node) => [node.id, node]));
      if (joined.length > 0) note(aboutNodes("node-joined", joined, "ready for the first time"));
      if (unready.length > 0) note(aboutNodes("node-unready", unready, "not ready any more"));
    },
    written(cluster, changes) {
      const event = statusEvent(cluster, { ...cluster, ...changes });
      if (event !== null) note(event);
    },
  };
}

const wasUsable = (node: NodeSummary | undefined): boolean => node !== undefined && isUsable(node);

function aboutNodes(code: NewEvent["code"], nodes: readonly NodeSummary[], is: string): NewEvent {
  const named = nodes
    .slice(0, NAMED_NODES)
    .map(({ id, failingProbes }) =>
      failingProbes.length === 0 ? id : `${id} (${failingProbes.join(", ")})`,
    );
  const more = nodes.length - named.length;
  const list = [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  const [only] = nodes.length === 1 ? nodes : [];
  return {
    code,
    text: `${list} ${nodes.length === 1 ? "is" : "are"} ${is}.`,
    ...(only === undefined ? {} : { nodeId: only.id }),
  };
}

/** What a change of META is in the cluster's history; null: nothing. */
function statusEvent(before: ClusterItem, after: ClusterItem): NewEvent | null {
  if (after.clusterStatus !== "FINISHED" || after.phase === before.phase) return null;
  return after.phase === "ready"
    ? { code: "cluster-ready", text: `All ${after.desiredNodes} nodes are ready.` }
    : { code: "cluster-degraded", text: `${after.reason ?? "Fewer nodes are usable than are wanted"}.` };
}
