import { isClosed } from "../../../agent/contract/cluster-state.js";
import { NO_REASON } from "../../../agent/contract/reasons.js";
import type { ClusterItem, NotebookItem, NotebookNameItem } from "../../../agent/contract/registry.js";
import type { MusterClient } from "../../client/ports.js";
import { type DiagnosticError, failure } from "../../core/diagnostic.js";
import { takeOver } from "../ownership.js";

/** What a notebook is before its node has said anything. */
const UNSEEN = {
  status: "NEW",
  phase: "created",
  ...NO_REASON,
  failingProbes: [],
  instanceId: null,
  instanceType: null,
  address: null,
  publicAddress: null,
  observedAt: null,
} as const satisfies Partial<NotebookItem>;

/** The registry's item of a new notebook. */
export function newNotebook(
  given: Pick<NotebookItem, "name" | "org" | "clusterUuid" | "owner" | "group">,
  at: Date,
): NotebookItem {
  const time = at.toISOString();
  return {
    ...{ ...given, ...UNSEEN, failingProbes: [], retiring: null },
    ...{ createdAt: time, attachedAt: time, statusChangedAt: time },
  };
}

/** The same notebook at another cluster: nothing is known of its node there. `retiring` is the node that it leaves; null: none. */
export function movedNotebook(
  { activity: _ofTheOldNode, ...item }: NotebookItem,
  clusterUuid: string,
  retiring: string | null,
  at: Date,
): NotebookItem {
  const time = at.toISOString();
  return {
    ...{ ...item, ...UNSEEN, failingProbes: [], clusterUuid, retiring },
    ...{ attachedAt: time, statusChangedAt: time },
  };
}

/** Puts a new notebook with its name. Throws, and nothing is left, where the name is taken or the cluster takes none. */
export async function applyAttach(notebook: NotebookItem, client: MusterClient): Promise<void> {
  const { notebooks } = client;
  if (!(await notebooks.attach(notebook))) {
    const held = await notebooks.readName(notebook.name);
    const isOurs = held?.owner === notebook.owner;
    if (!isOurs && held !== null) await takeStaleName(notebook, held, client);
    if (!isOurs && !(await notebooks.attach(notebook))) throw nameTaken(notebook, held);
  }
  // A destroy of the cluster that has looked for notebooks before this one was there has closed the cluster by now.
  const problem = await observeRefusal(notebook.clusterUuid, client);
  if (problem === null) return;
  await notebooks.delete(notebook);
  throw problem;
}

/** A delete that was cut short, or a cluster whose items somebody deleted, leaves a name without its notebook. */
async function takeStaleName(
  { name, org }: NotebookItem,
  { clusterUuid, owner }: NotebookNameItem,
  { notebooks }: MusterClient,
): Promise<void> {
  if ((await notebooks.read(clusterUuid, name)) !== null) return;
  await notebooks.delete({ clusterUuid, name, org, owner });
}

/** Puts the notebook at its new cluster. Throws where something else has changed it since it was read. */
export async function applyMove(
  from: NotebookItem,
  to: NotebookItem,
  { notebooks }: Pick<MusterClient, "notebooks">,
): Promise<void> {
  if (await notebooks.move(from, to)) return;
  const held = await notebooks.readName(to.name);
  // The first attempt succeeded, but its answer was lost.
  if (held?.owner === to.owner && held.clusterUuid === to.clusterUuid) return;
  throw changedMeanwhile(to.name);
}

export const changedMeanwhile = (name: string): DiagnosticError =>
  failure(
    "notebook-changed",
    `Notebook ${name} has changed meanwhile`,
    "Something else has moved it, taken it over or destroyed it since it was read. Plan and apply again.",
  );

/** Why the cluster takes no notebook; null: it takes one. */
export async function observeRefusal(
  clusterUuid: string,
  { registry, org, region }: MusterClient,
): Promise<DiagnosticError | null> {
  const cluster: ClusterItem | null = await registry.readCluster(clusterUuid);
  if (cluster !== null && !isClosed(cluster)) return null;
  return failure(
    "notebook-refused",
    `Cluster ${clusterUuid} takes no notebook`,
    cluster === null
      ? `The registry of org ${org} in ${region} does not have it. Let cluster_uuid refer to a muster_cluster.`
      : `It is ${cluster.clusterStatus} (${cluster.phase}). Attach the notebook to another cluster.`,
    ["cluster_uuid"],
  );
}

/** The error of a create or a change where another resource has the name. */
export function nameTaken(
  { name, org }: Pick<NotebookItem, "name" | "org">,
  held: NotebookNameItem | null,
): DiagnosticError {
  const where = held === null ? "" : ` It is attached to cluster ${held.clusterUuid}, since ${held.since}.`;
  return failure(
    "notebook-name-taken",
    `Org ${org} has a notebook ${name} already`,
    `Another muster_notebook has the name.${where} Nothing was changed. Give this one another name.\n${takeOver(name)}`,
    ["name"],
  );
}
