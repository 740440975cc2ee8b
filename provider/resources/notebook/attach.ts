import { isClosed } from "../../../agent/contract/cluster-state.js";
import { endedNotebookUsage } from "../../../agent/contract/notebook-usage.js";
import { NO_REASON } from "../../../agent/contract/reasons.js";
import type { ClusterItem, NotebookItem, NotebookNameItem } from "../../../agent/contract/registry.js";
import type { Update } from "../../../agent/contract/writes/write.js";
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

/** The same notebook at another cluster: nothing is known of its node there, and what was used until then goes with it. `retiring` is the node that it leaves; null: none. */
export function movedNotebook(
  { activity: _ofTheOldNode, ...item }: NotebookItem,
  clusterUuid: string,
  retiring: string | null,
  at: Date,
): NotebookItem {
  const time = at.toISOString();
  return {
    ...{ ...item, ...UNSEEN, failingProbes: [], clusterUuid, retiring },
    usageToRecord: [...endedNotebookUsage(item, at)],
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

/** So often may the notebook leave its status between a look and a write. */
const ROUNDS = 5;

/** Puts the notebook at its new cluster, as `moved` makes it of what was read. Throws where something else has moved or taken it. */
export async function applyMove(
  notebook: NotebookItem,
  moved: (from: NotebookItem) => NotebookItem,
  { notebooks }: Pick<MusterClient, "notebooks">,
): Promise<NotebookItem> {
  let from: NotebookItem | null = notebook;
  for (let round = 0; round < ROUNDS && from?.owner === notebook.owner; round++) {
    const to = moved(from);
    if (await notebooks.move(from, to)) return to;
    const held = await notebooks.readName(to.name);
    // The first attempt succeeded, but its answer was lost.
    if (held?.owner === to.owner && held.clusterUuid === to.clusterUuid) return to;
    from = await notebooks.read(notebook.clusterUuid, notebook.name);
  }
  throw changedMeanwhile(notebook.name);
}

/** Makes a write of the notebook as it is then, also where it has left its status since it was `seen`. Null: it is gone, or another resource's by now. */
export async function applyAsSeen(
  seen: NotebookItem,
  write: (seen: NotebookItem) => Update,
  { notebooks }: Pick<MusterClient, "notebooks">,
): Promise<NotebookItem | null> {
  let notebook: NotebookItem | null = seen;
  for (let round = 0; round < ROUNDS && notebook?.owner === seen.owner; round++) {
    const written = await notebooks.update(write(notebook));
    if (written !== null) return written;
    notebook = await notebooks.read(seen.clusterUuid, seen.name);
  }
  if (notebook?.owner === seen.owner) throw changedMeanwhile(seen.name);
  return null;
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
