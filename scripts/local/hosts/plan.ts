import type { CloudView, Instance } from "./view.js";

/** A node that the hosts have. A node whose power is off stays until its instance goes: EC2 does the same. */
export interface ObservedNode {
  readonly instanceId: string;
  readonly power: "on" | "off";
  /** Whether its instance was stopped when the hosts looked last: then it may be started again, with the disk that it has. */
  readonly isStopped: boolean;
}

export interface NodePlan {
  readonly start: readonly Instance[];
  /** Ids of instances that are gone: their nodes go too. */
  readonly stop: readonly string[];
  /** Ids of instances that have been stopped: their nodes keep their disks. */
  readonly halt: readonly string[];
  /** Instances that are running for EC2 while their node is off: killed, or powered off from inside. */
  readonly dead: readonly string[];
}

/** What to do so that there is a node for each running instance, and no other. Pure; order as given. */
export function planNodes(
  { instances: wanted, stopped }: Pick<CloudView, "instances" | "stopped">,
  observed: readonly ObservedNode[],
): NodePlan {
  const running = wanted.filter((instance) => instance.isRunning);
  const runningIds = new Set(running.map((instance) => instance.id));
  const kept = new Set(observed.filter((node) => !node.isStopped).map((node) => node.instanceId));
  const idsOf = (isWanted: (node: ObservedNode) => boolean): string[] =>
    observed.filter(isWanted).map((node) => node.instanceId);
  return {
    start: running.filter((instance) => !kept.has(instance.id)),
    stop: idsOf(({ instanceId }) => !runningIds.has(instanceId) && !stopped.includes(instanceId)),
    halt: idsOf(({ instanceId, isStopped }) => stopped.includes(instanceId) && !isStopped),
    dead: idsOf((node) => node.power === "off" && !node.isStopped && runningIds.has(node.instanceId)),
  };
}
