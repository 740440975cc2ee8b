import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { describeNotebook, isSilent, whyNotebook } from "../core/notebooks.js";

/** A notebook with the name of its cluster; null: that is gone. */
export type ListedNotebook = NotebookItem & { readonly clusterName: string | null };

const clusterOf = ({ clusterName, clusterUuid }: ListedNotebook): string => clusterName ?? clusterUuid;

export const NOTEBOOK_HEADINGS = [
  ...["NOTEBOOK", "CLUSTER", "STATUS", "STATE", "TYPE", "KERNELS", "PARKS AT", "REASON CODE"],
] as const;
/** A notebook's row in a table of them, at a moment. Pure. */
export const notebookRow = (notebook: ListedNotebook, now: Date): readonly string[] => [
  notebook.name,
  clusterOf(notebook),
  notebook.status,
  isSilent(notebook, now) ? `silent since ${notebook.observedAt}` : describeNotebook(notebook),
  notebook.instanceType ?? "",
  notebook.activity?.kernels?.toString() ?? "",
  notebook.activity?.parksAt ?? "",
  notebook.reasonCode ?? "",
];

const SILENT =
  "and nothing since: its node may be lost, or can't reach the registry. A lost one is replaced by its group within minutes.";

/** Everything about one notebook, at a moment. Pure. */
export function renderNotebook(notebook: ListedNotebook, now: Date): readonly string[] {
  const { activity, instanceId, address, instanceType } = notebook;
  const facts: readonly (readonly [string, string | null])[] = [
    ["notebook", notebook.name],
    ["status", `${notebook.status}, ${notebook.phase}, since ${notebook.statusChangedAt}`],
    ["failing", notebook.failingProbes.length === 0 ? null : notebook.failingProbes.join(", ")],
    ["reason", whyNotebook(notebook)],
    ["cluster", `${clusterOf(notebook)} (${notebook.clusterUuid}), since ${notebook.attachedAt}`],
    ["node", instanceId === null ? null : [instanceId, address, instanceType].filter(Boolean).join(", ")],
    ["created", notebook.createdAt],
    ["last seen", isSilent(notebook, now) ? `${notebook.observedAt}, ${SILENT}` : notebook.observedAt],
    ...(activity === undefined ? [] : activityFacts(activity)),
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(12)}${value}`]));
}

function activityFacts({
  kernels,
  busyKernels,
  terminals,
  idleSince,
  parksAt,
  mpiReleaseAt,
}: NonNullable<NotebookItem["activity"]>): readonly (readonly [string, string | null])[] {
  const working = busyKernels === null ? "" : `, of which ${busyKernels} work`;
  return [
    ["kernels", kernels === null ? "JupyterLab does not say" : `${kernels}${working}`],
    ["terminals", terminals === null ? "JupyterLab does not say" : String(terminals)],
    ["idle since", parksAt === null ? null : idleSince],
    ["parks at", parksAt ?? "not while something is active, or never"],
    ["MPI kernel", mpiReleaseAt === null ? null : `lets the cluster go at ${mpiReleaseAt}`],
  ];
}
