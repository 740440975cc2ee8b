import { NAME_PATTERN } from "../../../agent/contract/names.js";
import type { NotebookItem } from "../../../agent/contract/registry.js";
import { NAME_MEANING } from "../../client/checks.js";
import { boundToPlace } from "../../client/place.js";
import type { MusterClient, ScalingGroup } from "../../client/ports.js";
import { failure } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
import { observeGroup } from "../fleet/resize.js";
import {
  foreignWarning,
  foreseenOwner,
  isRefusal,
  markImported,
  newOwner,
  plannedOver,
  standing,
} from "../ownership.js";
import { musterResource } from "../resource.js";
import {
  applyAttach,
  applyMove,
  changedMeanwhile,
  movedNotebook,
  nameTaken,
  newNotebook,
  observeRefusal,
} from "./attach.js";
import type { NotebookContext } from "./context.js";
import { applyDrain } from "./drain.js";
import { planRenewal } from "./renew.js";
import { notebookSchema } from "./schema.js";
import { applyStart } from "./start.js";
import {
  computedNotebook,
  groupOf,
  isSettled,
  type NotebookState,
  observedNotebook,
  timeoutMs,
} from "./state.js";

/** `muster_notebook`. An interrupted create leaves a tainted notebook; deleting that ends its node. */
export const notebookResource = boundToPlace(
  musterResource({
    schema: notebookSchema,

    plan: (_given, { prior }) => foreseenOwner(prior),

    async planCreate({ name }, { client }) {
      if (name === UNKNOWN || (await client.notebooks.readName(name)) === null) return [];
      return [plannedOver(`Notebook ${name}`, name)];
    },

    async create(plan, context) {
      const { client, clock } = context;
      const { name, cluster_uuid: clusterUuid, node_version: nodeVersion } = plan;
      const refusal = await observeRefusal(clusterUuid, client);
      if (refusal !== null) throw refusal;
      const group = await observeGroup(client, plan.autoscaling_group);
      const given = { name, org: client.org, clusterUuid, owner: newOwner(), group: group.name };
      const notebook = newNotebook(given, clock.now());
      const known = { id: name, owner: notebook.owner };
      await applyAttach(notebook, client).catch((error: unknown) => {
        if (!isRefusal(error)) context.saved(known);
        throw error;
      });
      context.saved(known);
      const start = { notebook, group, nodeVersion, timeoutMs: timeoutMs(plan, "create") };
      return computedNotebook(await applyStart(start, context));
    },

    async read(state, { client, privateState, warn }) {
      const found = await observeNotebook(state.name, client);
      if (found === null) return null;
      if (standing(found.owner, state, privateState) === "foreign") {
        warn(foreignWarning(`Notebook ${state.name}`, state.name));
        return null;
      }
      return observedNotebook(found, await client.groups.describe(groupOf(found, state)), state);
    },

    async update(plan, prior, context) {
      const { client } = context;
      const found = await observeNotebook(plan.name, client);
      if (found === null) throw gone(plan.name, client);
      const owned = await applyTaking(found, prior, context);
      const group = await observeGroup(client, plan.autoscaling_group);
      if (!needsNode(plan, prior, owned, group)) return computedNotebook(owned, prior);
      const notebook = await applyPlace(owned, plan, group, context);
      const start = { notebook, group, nodeVersion: plan.node_version, timeoutMs: timeoutMs(plan, "update") };
      return computedNotebook(await applyStart(start, context));
    },

    async delete(state, context) {
      const { name, autoscaling_group: groupName, owner } = state;
      await applyDrain({ name, groupName, owner, timeoutMs: timeoutMs(state, "delete") }, context);
    },

    import(id, privateState) {
      if (!new RegExp(NAME_PATTERN).test(id)) {
        throw failure(
          "import-id-invalid",
          "Invalid import id",
          `"${id}" can't be imported: it must be a notebook's name: ${NAME_MEANING}.`,
        );
      }
      markImported(privateState);
      return { id, name: id };
    },
  }),
);

/** The notebook, wherever it is attached; null: the org has none of that name. */
async function observeNotebook(
  name: string,
  { notebooks }: Pick<MusterClient, "notebooks">,
): Promise<NotebookItem | null> {
  const held = await notebooks.readName(name);
  return held === null ? null : notebooks.read(held.clusterUuid, name);
}

/** A move, another version, or the end of an apply that was cut short. A parked notebook is started for the first two alone. */
function needsNode(
  plan: NotebookState,
  prior: NotebookState,
  notebook: NotebookItem,
  group: ScalingGroup,
): boolean {
  const before = prior.node_version as string | null;
  const isRenewed = before !== null && before !== plan.node_version;
  return plan.cluster_uuid !== notebook.clusterUuid || isRenewed || !isSettled(notebook, group);
}

/** Takes over a notebook that was imported. Throws where it is another resource's. */
async function applyTaking(
  notebook: NotebookItem,
  prior: NotebookState,
  { client: { notebooks, org }, privateState }: NotebookContext,
): Promise<NotebookItem> {
  const { name, clusterUuid, owner: its, attachedAt } = notebook;
  if (standing(its, prior, privateState) === "foreign")
    throw nameTaken({ name, org }, { clusterUuid, owner: its, since: attachedAt });
  if (prior.owner !== null) return notebook;
  const owner = newOwner();
  if (!(await notebooks.take(notebook, owner))) throw changedMeanwhile(name);
  return { ...notebook, owner };
}

/** Attaches the notebook to the cluster that is planned, where it is at another one. */
async function applyPlace(
  notebook: NotebookItem,
  plan: NotebookState,
  group: ScalingGroup,
  { client, clock }: NotebookContext,
): Promise<NotebookItem> {
  if (notebook.clusterUuid === plan.cluster_uuid) return notebook;
  const refusal = await observeRefusal(plan.cluster_uuid, client);
  if (refusal !== null) throw refusal;
  // Its node is of the cluster that it leaves, whatever its version.
  const { keep, retiring } = planRenewal(notebook, group, plan.node_version);
  const move = (from: NotebookItem) => movedNotebook(from, plan.cluster_uuid, keep ?? retiring, clock.now());
  const moved = await applyMove(notebook, move, client);
  await client.notebooks.recordUsage(moved);
  return moved;
}

const gone = (name: string, { org, region }: MusterClient) =>
  failure(
    "notebook-gone",
    `Notebook ${name} is gone`,
    `The registry of org ${org} in ${region} no longer has it. Plan again: it will be made anew.`,
  );
