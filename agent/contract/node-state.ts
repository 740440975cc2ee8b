import { nextState, type TransitionTable } from "./machine.js";
import { isWorker, type NodeKind } from "./node-kind.js";

/**
 * A node's life, as the head sees it.
 *
 *   booting --probesPass--> ready <--jobStart / jobEnd--> busy
 *      |                     |  ^                          |
 *      |          probesFail |  | probesPass    probesFail |
 *      |                     v  |                          v
 *      +------------------> unready <----------------------+
 *   any --drain--> draining --stop--> stopping
 *                     |
 *                  return: its cause is gone
 *                     v
 *                  unready, until it reports
 *
 * An unready node is left out of the hostfile.
 */
export type NodeState = "booting" | "ready" | "busy" | "unready" | "draining" | "stopping";
export type NodeEvent = "probesPass" | "probesFail" | "jobStart" | "jobEnd" | "drain" | "return" | "stop";

const TRANSITIONS = {
  booting: { probesPass: "ready", probesFail: "unready", drain: "draining", stop: "stopping" },
  ready: {
    probesPass: "ready",
    probesFail: "unready",
    jobStart: "busy",
    drain: "draining",
    stop: "stopping",
  },
  busy: { probesPass: "busy", probesFail: "unready", jobEnd: "ready", drain: "draining", stop: "stopping" },
  unready: {
    probesPass: "ready",
    probesFail: "unready",
    jobEnd: "unready",
    drain: "draining",
    stop: "stopping",
  },
  draining: {
    probesPass: "draining",
    probesFail: "draining",
    jobEnd: "draining",
    drain: "draining",
    return: "unready",
    stop: "stopping",
  },
  stopping: { probesPass: "stopping", probesFail: "stopping", jobEnd: "stopping", stop: "stopping" },
} as const satisfies TransitionTable<NodeState, NodeEvent>;

export const NODE_STATES = Object.keys(TRANSITIONS) as readonly NodeState[];

/** Whether jobs may run on the node. The hostfile lists exactly these, and a fleet waits for as many of them. */
export const isUsable = (node: { readonly kind: NodeKind; readonly state: NodeState }): boolean =>
  isWorker(node) && (node.state === "ready" || node.state === "busy");

/** The state after `event`. Throws IllegalTransitionError if the event is illegal in `state`. */
export function nextNodeState(state: NodeState, event: NodeEvent): NodeState {
  return nextState<NodeState, NodeEvent>("node", TRANSITIONS, state, event);
}
