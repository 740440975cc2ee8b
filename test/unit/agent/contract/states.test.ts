import { describe, expect, test } from "@jest/globals";
import {
  CLUSTER_STATUSES,
  type ClusterEvent,
  type ClusterStatus,
  clusterMove,
  isClosed,
  nextClusterStatus,
} from "../../../../agent/contract/cluster-state.js";
import {
  isJobEnded,
  JOB_STATUSES,
  type JobEvent,
  nextJobStatus,
} from "../../../../agent/contract/job-state.js";
import { IllegalTransitionError } from "../../../../agent/contract/machine.js";
import { NODE_STATES, type NodeEvent, nextNodeState } from "../../../../agent/contract/node-state.js";

/** The whole table by trying everything: `STATE event` -> target. What is missing must throw. */
function tableOf<S extends string, E extends string>(
  states: readonly S[],
  events: readonly E[],
  next: (state: S, event: E) => S,
): Record<string, string> {
  const table: Record<string, string> = {};
  for (const state of states)
    for (const event of events)
      try {
        table[`${state} ${event}`] = next(state, event);
      } catch (error) {
        expect(error).toBeInstanceOf(IllegalTransitionError);
      }
  return table;
}

test("cluster: every legal change, and no other", () => {
  const events: ClusterEvent[] = ["resize", "ready", "fail", "park", "remove", "removed"];
  expect(tableOf(CLUSTER_STATUSES, events, nextClusterStatus)).toEqual({
    "NEW resize": "INPROGRESS",
    "NEW remove": "REMOVING",
    "INPROGRESS resize": "INPROGRESS",
    "INPROGRESS ready": "FINISHED",
    "INPROGRESS fail": "FAILED",
    "INPROGRESS remove": "REMOVING",
    "FINISHED resize": "INPROGRESS",
    "FINISHED ready": "FINISHED",
    "FINISHED park": "PARKED",
    "FINISHED remove": "REMOVING",
    "FAILED resize": "INPROGRESS",
    "FAILED park": "PARKED",
    "FAILED remove": "REMOVING",
    "PARKED resize": "INPROGRESS",
    "PARKED remove": "REMOVING",
    "REMOVING remove": "REMOVING",
    "REMOVING removed": "REMOVED",
    "REMOVED removed": "REMOVED",
  });
});

test("job: every legal change, and no other; what has ended stays as it is", () => {
  const events: JobEvent[] = ["claim", "succeed", "fail", "cancel"];
  expect(tableOf(JOB_STATUSES, events, nextJobStatus)).toEqual({
    "NEW claim": "INPROGRESS",
    "NEW fail": "FAILED",
    "NEW cancel": "CANCELLED",
    "INPROGRESS claim": "INPROGRESS",
    "INPROGRESS succeed": "FINISHED",
    "INPROGRESS fail": "FAILED",
    "INPROGRESS cancel": "CANCELLED",
  });
  expect(JOB_STATUSES.filter(isJobEnded)).toEqual(["FINISHED", "FAILED", "CANCELLED"]);
});

describe("node", () => {
  const events: NodeEvent[] = ["probesPass", "probesFail", "jobStart", "jobEnd", "drain", "return", "stop"];
  const table = tableOf(NODE_STATES, events, nextNodeState);

  test.each([
    ["booting probesPass", "ready"],
    ["booting probesFail", "unready"],
    ["ready jobStart", "busy"],
    ["busy jobEnd", "ready"],
    ["busy probesFail", "unready"],
    ["unready probesPass", "ready"],
    ["draining probesPass", "draining"],
    ["draining return", "unready"],
  ])("%s -> %s", (change, target) => {
    expect(table[change]).toBe(target);
  });

  test("a job can't start on a node that is not ready", () => {
    expect(Object.keys(table).filter((change) => change.endsWith(" jobStart"))).toEqual(["ready jobStart"]);
  });

  test("only a node that drains can return, and it is not ready before it reports", () => {
    expect(Object.keys(table).filter((change) => change.endsWith(" return"))).toEqual(["draining return"]);
  });

  test("every node can be stopped, and one that stops never comes back", () => {
    for (const state of NODE_STATES) expect(table[`${state} stop`]).toBe("stopping");
    for (const [change, target] of Object.entries(table))
      if (change.startsWith("stopping ")) expect(target).toBe("stopping");
  });
});

test("a change that can't be tells what could", () => {
  expect(() => nextClusterStatus("REMOVED", "resize")).toThrow(
    'A cluster that is REMOVED can\'t take "resize" (it takes removed).',
  );
  expect(() => nextJobStatus("FINISHED", "cancel")).toThrow("nothing: it is final");
});

describe("a cluster's move in one write", () => {
  test("a resize begins wherever the table allows it", () => {
    expect(clusterMove(["resize"])).toEqual({
      from: ["NEW", "INPROGRESS", "FINISHED", "FAILED", "PARKED"],
      to: "INPROGRESS",
    });
  });

  test("a drained cluster is parked at once", () => {
    expect(clusterMove(["ready", "park"])).toEqual({ from: ["INPROGRESS", "FINISHED"], to: "PARKED" });
  });

  test("events that never follow each other are a bug", () => {
    expect(() => clusterMove(["removed", "resize"])).toThrow(/does not lead/);
  });
});

test("a closed cluster is one from which no resize leads back", () => {
  const isOpen = (status: ClusterStatus) => clusterMove(["resize"]).from.includes(status);
  for (const clusterStatus of CLUSTER_STATUSES)
    expect(isClosed({ clusterStatus })).toBe(!isOpen(clusterStatus));
});
