import { isWorker } from "../../../agent/contract/node-kind.js";
import { isUsable } from "../../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { ClusterReasonCode } from "../../../agent/contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../../../agent/contract/registry.js";
import type { GroupInstance, ScalingActivity, ScalingGroup } from "../../client/ports.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";
import { renderNode } from "./progress.js";

/** Everything known about a fleet that did not become ready. */
export interface FleetFindings {
  /** Null: none is known. */
  readonly reasonCode: ClusterReasonCode | null;
  readonly reason: string;
  /** The next step, if the cause is known. */
  readonly next?: string;
  /** The instance whose console shows why, if known. */
  readonly instanceId?: string;
  readonly nodes: number;
  readonly cluster: ObservedCluster | null;
  readonly group: ScalingGroup | null;
  readonly activities: readonly ScalingActivity[];
  readonly console: { readonly instanceId: string; readonly lines: readonly string[] } | null;
}

/** Instances of the group that are not among the nodes that were heard of. */
export function silentInstances(
  nodes: readonly Pick<NodeSummary, "id">[],
  group: ScalingGroup | null,
): readonly GroupInstance[] {
  const heard = new Set(nodes.map(({ id }) => id));
  return (group?.instances ?? []).filter(({ id }) => !heard.has(id));
}

/** The instance with the most useful console: one that never reported, else one that is not ready; null if all are ready. */
export function worstInstance(nodes: readonly NodeSummary[], group: ScalingGroup | null): string | null {
  return silentInstances(nodes, group)[0]?.id ?? unreadyOf(nodes)[0]?.id ?? null;
}

/** Of the fleet's nodes: others are none of its business. */
const unreadyOf = (nodes: readonly NodeSummary[]): readonly NodeSummary[] =>
  nodes.filter((node) => isWorker(node) && !isUsable(node));

/** The diagnostic, with the next step. */
export function renderDiagnosis(clusterUuid: string, groupName: string, findings: FleetFindings): Diagnostic {
  const { reasonCode, reason, nodes, cluster, group } = findings;
  const ready = cluster?.nodes.filter(isUsable).length ?? 0;
  const sections = [
    `Cluster ${clusterUuid}${cluster === null ? "" : ` (${cluster.name})`}, Auto Scaling group ${groupName}: ${reason}.`,
    renderClusterLine(cluster),
    renderGroup(group, nodes),
    ...renderNodes(findings),
    ...renderActivities(findings.activities),
    ...renderConsole(findings.console),
    `Next: ${findings.next ?? "correct the cause and apply again, or destroy; both begin from what exists now."}`,
  ];
  const summary =
    ready >= nodes && (group?.desired ?? 0) > nodes
      ? `The fleet still has ${group?.desired} nodes instead of ${nodes}`
      : `The fleet is not ready: ${ready} of ${nodes} nodes`;
  return { ...errorDiagnostic("fleet-not-ready", summary, sections.join("\n")), reasonCode };
}

function renderClusterLine(cluster: ClusterItem | null): string {
  if (cluster === null) return "Registry: it has no item of this cluster.";
  const head = cluster.headInstanceId ?? "none yet";
  return `Phase: ${cluster.phase} (status ${cluster.clusterStatus}); head node: ${head}; ${cluster.hostfileNodes} nodes in the hostfile.`;
}

/** One line. */
export function renderGroup(group: ScalingGroup | null, nodes: number): string {
  if (group === null) return "Auto Scaling group: it does not exist.";
  const instances = group.instances.map(({ id, lifecycle }) => `${id} ${lifecycle}`).join(", ");
  return `Auto Scaling group: ${group.instances.length} of ${nodes} instances (desired ${group.desired})${instances === "" ? "" : `: ${instances}`}.`;
}

function renderNodes({ cluster, group, nodes }: FleetFindings): readonly string[] {
  const silent = silentInstances(cluster?.nodes ?? [], group).map(({ id }) => id);
  const unready = unreadyOf(cluster?.nodes ?? []);
  const notStarted = nodes - (group?.instances.length ?? 0);
  return [
    ...(notStarted > 0 ? [`Missing: ${notStarted} instances were never started.`] : []),
    ...(silent.length > 0 ? [`Missing: started but never heard of: ${silent.join(", ")}.`] : []),
    ...(unready.length > 0 ? [`Not ready: ${unready.map(renderNode).join("; ")}.`] : []),
  ];
}

/** A line each, the newest first. */
export function renderActivities(activities: readonly ScalingActivity[]): readonly string[] {
  if (activities.length === 0) return ["The group reports no scaling activity."];
  return [
    "The group's latest activities:",
    ...activities.map(({ at, status, message }) => `  ${at} ${status}: ${message}`),
  ];
}

/** The rest is in the cluster's history: muster cluster events --detail. */
const SHOWN_LINES = 20;

/** Its last lines. */
export function renderConsole(console: FleetFindings["console"]): readonly string[] {
  if (console === null) return [];
  if (console.lines.length === 0) return [`Console of ${console.instanceId}: nothing yet.`];
  return [
    `Console of ${console.instanceId}, last lines:`,
    ...console.lines.slice(-SHOWN_LINES).map((line) => `  ${line}`),
  ];
}
