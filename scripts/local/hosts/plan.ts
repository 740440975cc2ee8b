import type { Instance } from "./view.js";

/** A node that the hosts have. A node whose power is off stays until its instance goes: EC2 does the same. */
export interface ObservedNode {
  readonly instanceId: string;
  readonly power: "on" | "off";
}

export interface NodePlan {
  readonly start: readonly Instance[];
  /** Instance ids. */
  readonly stop: readonly string[];
  /** Instances that are running for EC2 while their node is off: killed, or powered off from inside. */
  readonly dead: readonly string[];
}

/** What to do so that there is a node for each running instance, and no other. Pure; order as given. */
export function planNodes(wanted: readonly Instance[], observed: readonly ObservedNode[]): NodePlan {
  const running = wanted.filter((instance) => instance.isRunning);
  const runningIds = new Set(running.map((instance) => instance.id));
  const observedIds = new Set(observed.map((node) => node.instanceId));
  return {
    start: running.filter((instance) => !observedIds.has(instance.id)),
    stop: observed.filter((node) => !runningIds.has(node.instanceId)).map((node) => node.instanceId),
    dead: observed
      .filter((node) => node.power === "off" && runningIds.has(node.instanceId))
      .map((node) => node.instanceId),
  };
}
