import { isDeepStrictEqual } from "node:util";
import { type ClusterStatus, nextClusterStatus } from "../contract/cluster-state.js";
import { renderDuration } from "../contract/duration.js";
import { isWorker } from "../contract/node-kind.js";
import { isUsable } from "../contract/node-state.js";
import { type Because, because, type ClusterReasonCode, NO_REASON } from "../contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import { usageAt } from "../contract/usage.js";
import type { Observation } from "../contract/writes/cluster.js";

/** What the head sees of the cluster at one moment. */
export interface View {
  readonly headInstanceId: string;
  readonly leaseGeneration: number;
  /** Sorted by address. */
  readonly nodes: readonly NodeSummary[];
  /** Whether a job runs on them. */
  readonly isJobRunning: boolean;
  /** Those that the hostfile lists, as it was last written. */
  readonly hostfileNodes: readonly NodeSummary[];
  /** The notebooks that are attached and there, by name. */
  readonly notebooks?: readonly string[];
  readonly logBucket: string;
  /** Of this node: a fleet's nodes are alike. */
  readonly instanceType: string;
  /** What keeps a cluster that shrinks from being as small as is wanted; null: nothing. */
  readonly surplus: string | null;
}

/**
 * The write that makes META match `view`, or null if it already does.
 * `meta.usage` may lack intervals that stand in the registry's item and have a record by now: they go with this write. */
export function planObservation(
  meta: ClusterItem,
  view: View,
  now: Date,
  kept: ClusterItem = meta,
): Observation | null {
  const workers = view.nodes.filter(isWorker);
  const moved = progress(meta, { ...view, nodes: workers }, now);
  const usage = usageAt({ ...meta, ...moved }, view.instanceType, now);
  const wanted = {
    knownNodes: workers.length,
    readyNodes: workers.filter(isUsable).length,
    busy: view.isJobRunning,
    hostfileNodes: view.hostfileNodes.length,
    cores: view.hostfileNodes.reduce((sum, { cores }) => sum + cores, 0),
    headInstanceId: view.headInstanceId,
    logBucket: view.logBucket,
    leaseGeneration: view.leaseGeneration,
    ...moved,
    ...notebooksIn(meta, view),
    ...(usage === undefined ? {} : { usage }),
  };
  const isSame = Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual(kept[key as keyof ClusterItem], value),
  );
  if (isSame) return null;
  return {
    changes: { ...wanted, observedAt: now.toISOString() },
    seen: { clusterStatus: meta.clusterStatus, desiredNodes: meta.desiredNodes },
  };
}

/** Nothing for a cluster that never had one. */
function notebooksIn(meta: ClusterItem, { notebooks = [] }: View): Pick<ClusterItem, "notebooks"> {
  if (notebooks.length === 0 && meta.notebooks === undefined) return {};
  return { notebooks: [...notebooks] };
}

/** Whether a job may start in a cluster with this status: not while it is resized or removed. */
export function mayStartJobs(status: ClusterStatus): boolean {
  return status === "FINISHED" || status === "FAILED";
}

/** How many unready nodes a reason names: it must stay readable with hundreds of them. */
const NAMED_NODES = 5;

type ClusterProgress = Partial<
  Pick<ClusterItem, "clusterStatus" | "phase" | "reasonCode" | "reason" | "statusChangedAt">
>;

function progress(meta: ClusterItem, view: View, now: Date): ClusterProgress {
  const missing = describeMissing(meta, view);
  switch (meta.clusterStatus) {
    case "INPROGRESS":
      if (missing !== null && isResizeOver(meta, view, now)) return failedResize(meta, missing, now);
      if (missing !== null) return { phase: "waiting-for-nodes", ...missing };
      return {
        clusterStatus: nextClusterStatus(meta.clusterStatus, "ready"),
        statusChangedAt: now.toISOString(),
        phase: "ready",
        ...NO_REASON,
      };
    case "FINISHED":
      return missing === null ? { phase: "ready", ...NO_REASON } : { phase: "degraded", ...missing };
    default:
      return {};
  }
}

/** How long Auto Scaling may try to start the nodes that a command has asked for. An apply has a time-out of its own. */
const RESIZE_TIMEOUT_MS = 30 * 60_000;

/** A job that holds nodes of a cluster that shrinks may take as long as it likes. */
function isResizeOver({ resize, desiredNodes }: ClusterItem, view: View, now: Date): boolean {
  if (resize === undefined || view.nodes.filter(isUsable).length >= desiredNodes) return false;
  return now.getTime() - Date.parse(resize.at) >= RESIZE_TIMEOUT_MS;
}

/** Jobs run on the nodes that there are. */
function failedResize(
  { clusterStatus, desiredNodes }: ClusterItem,
  missing: Because<ClusterReasonCode>,
  now: Date,
): ClusterProgress {
  const time = renderDuration(RESIZE_TIMEOUT_MS);
  return {
    clusterStatus: nextClusterStatus(clusterStatus, "fail"),
    statusChangedAt: now.toISOString(),
    ...because(
      "resize-timed-out",
      `the resize to ${desiredNodes} nodes was not done after ${time}: ${missing.reason}`,
    ),
  };
}

/** Null when exactly the desired nodes are usable and all of them are in the hostfile; else what is wrong, for people. */
function describeMissing(
  { desiredNodes, protectedSince = null }: Pick<ClusterItem, "desiredNodes" | "protectedSince">,
  view: View,
): Because<ClusterReasonCode> | null {
  const usable = view.nodes.filter(isUsable);
  const isListed = view.hostfileNodes.length === usable.length;
  if (usable.length === desiredNodes && isListed && view.surplus === null) return null;
  const unready = view.nodes
    .filter((node) => !isUsable(node))
    .map(
      ({ id, state, failingProbes }) =>
        `${id} is ${state} (${failingProbes.join(", ") || "no failing probe"})`,
    );
  const parts = [`${usable.length} of ${desiredNodes} nodes are ready`, ...unready.slice(0, NAMED_NODES)];
  if (unready.length > NAMED_NODES) parts.push(`and ${unready.length - NAMED_NODES} more`);
  if (!isListed) parts.push(`the hostfile lists ${view.hostfileNodes.length}`);
  if (view.surplus !== null) parts.push(view.surplus);
  if (protectedSince)
    parts.push(`no more failing nodes are replaced, since ${protectedSince}: see muster cluster repair`);
  return because(
    protectedSince ? "fleet-protected" : missingCode(usable.length - desiredNodes, unready.length > 0, view),
    parts.join("; "),
  );
}

/** `surplus`: ready nodes less the desired ones. */
function missingCode(surplus: number, isAnyUnready: boolean, view: View): ClusterReasonCode {
  if (surplus > 0 || (surplus === 0 && view.surplus !== null)) return "nodes-surplus";
  if (surplus === 0) return "hostfile-behind";
  return isAnyUnready ? "nodes-unready" : "nodes-missing";
}
