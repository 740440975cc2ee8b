import { renderTimeLeft, viewActivity } from "../../../agent/contract/activity-view.js";
import { renderUse, viewBudget } from "../../../agent/contract/budget.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { bindingNotebooks } from "../../../agent/contract/notebook-binding.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { renderTable } from "./table.js";

export const CLUSTER_HEADINGS = [
  ...["CLUSTER", "STATUS", "PHASE", "NODES", "CORES", "SINCE", "TIME LEFT", "REASON CODE", "UUID"],
] as const;
/** A cluster's row in a table of them. Pure. */
export const clusterRow = (cluster: ClusterItem, now: Date): readonly string[] => [
  cluster.name,
  cluster.clusterStatus,
  cluster.phase,
  `${cluster.hostfileNodes}/${cluster.desiredNodes}`,
  String(cluster.cores),
  cluster.statusChangedAt,
  timeLeft(cluster, now),
  cluster.reasonCode ?? "",
  cluster.uuid,
];

const timeLeft = (cluster: ClusterItem, now: Date): string =>
  renderTimeLeft(viewActivity(cluster, now, cluster.activity));

function renderBudget(cluster: ClusterItem, now: Date): string | null {
  const view = viewBudget(cluster, now);
  if (view === null) return null;
  const code = view.reasonCode === null ? "" : ` (${view.reasonCode})`;
  return `${Math.floor(view.share * 100)} % used in ${view.month}: ${renderUse(view, view)}${code}`;
}

/** Which notebooks are attached and awake, and what that means for jobs; null: none is. */
function whoHasIt(cluster: ClusterItem): string | null {
  const { notebooks = [], shareWithNotebooks = false } = cluster;
  if (notebooks.length === 0) return null;
  const names = notebooks.join(", ");
  if (bindingNotebooks(cluster).length > 0) return `${names}: jobs of others wait`;
  return shareWithNotebooks ? `${names}; jobs of others run beside (shareWithNotebooks)` : names;
}

/** Everything about one cluster, its nodes last. Pure. */
export function renderCluster(cluster: ObservedCluster, now: Date): readonly string[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ["cluster", `${cluster.name} (${cluster.uuid})`],
    ["status", `${cluster.clusterStatus}, ${cluster.phase}, since ${cluster.statusChangedAt}`],
    ["reason", cluster.reason],
    ["reason code", cluster.reasonCode],
    ["nodes", `${cluster.hostfileNodes} of ${cluster.desiredNodes} ready, with ${cluster.cores} cores`],
    ["time left", timeLeft(cluster, now) || null],
    ["budget", renderBudget(cluster, now)],
    ["notebooks", whoHasIt(cluster)],
    ["head node", cluster.headInstanceId],
    ["created", cluster.createdAt],
    ["last seen", cluster.observedAt],
  ];
  const shown = facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(12)}${value}`]));
  const nodes = renderTable(
    ["NODE", "KIND", "ADDRESS", "HOSTNAME", "CORES", "STATE", "FAILING", "REASON CODE"],
    cluster.nodes.map(({ id, kind, address, hostname, cores, state, failingProbes, reasonCode }) => [
      id,
      kind,
      address,
      hostname,
      String(cores),
      state,
      failingProbes.join(", "),
      reasonCode ?? "",
    ]),
  );
  return nodes.length === 0 ? shown : [...shown, "", ...nodes];
}
