import { NAME_PATTERN } from "../../../agent/contract/names.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { isClusterUuid } from "../../client/checks.js";
import { boundToPlace } from "../../client/place.js";
import { failure, InterruptedError, type Warning } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
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
import { applyCancel } from "./cancel.js";
import type { JobDefinitionContext } from "./context.js";
import { isApplySettled } from "./decide.js";
import { applyDedication, undedicate } from "./dedicate.js";
import { makeDefinition, takeDefinition } from "./define.js";
import { jobDefinitionRules } from "./rules.js";
import { jobDefinitionSchema } from "./schema.js";
import {
  computedDefinition,
  type DefinitionState,
  definitionNameOf,
  definitionResourceId,
  isFollowed,
  observedDefinition,
  waitMs,
  wantedBy,
} from "./state.js";
import { awaitJob, observeJob, submitRevision } from "./submission.js";
import { applyContent, applyPolicy } from "./update.js";

/** In the private state after a create that was interrupted while it waited: its job is still to be followed. */
const UNFOLLOWED = "unfollowed";

/**
 * `muster_job_definition`. The job of a revision has one id for good, so whatever is cut short, nothing is submitted twice. Its
 * definition has an owner, so whatever is renamed or imported, nothing is touched that is another's.
 */
export const jobDefinitionResource = boundToPlace(
  musterResource({
    schema: jobDefinitionSchema,
    validate: jobDefinitionRules,

    // What the state does not know makes the plan show an update, which finds out what there is to take up, or takes it over.
    plan: (_given, { prior }) => ({
      ...foreseenOwner(prior),
      ...(prior !== null && prior.revision === null ? { revision: UNKNOWN } : {}),
    }),

    async planCreate({ cluster_uuid: clusterUuid, name }, { client }) {
      if (clusterUuid === UNKNOWN || name === UNKNOWN) return [];
      const definition = await client.definitions.read(clusterUuid, name);
      const id = definitionResourceId(clusterUuid, name);
      return definition?.owner === undefined ? [] : [plannedOver(`Job definition ${id}`, id)];
    },

    async create(plan, context) {
      const owner = newOwner();
      const making = makeDefinition(definitionNameOf(plan), { ...wantedBy(plan), owner }, context);
      const definition = await making.catch((error: unknown) => {
        if (!isRefusal(error))
          context.saved({ id: definitionResourceId(plan.cluster_uuid, plan.name), owner });
        throw error;
      });
      context.saved(computedDefinition(definition, null));
      let job: JobItem | null = null;
      try {
        await applyDedication(plan, null, definition, context);
        job = await observeJob(context.client, definition);
        if (job === null && plan.run === "on_change") job = await submitRevision(definition, context);
        context.saved(computedDefinition(definition, job));
        if (job !== null && isFollowed(plan)) {
          job = await awaitJob(definition, job.id, waitMs(plan, "create"), context);
        }
        return computedDefinition(definition, job);
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
        return unfollowed(definition, job, context);
      }
    },

    async read(state, { client, privateState, warn }) {
      const definition = await client.definitions.read(state.cluster_uuid, state.name);
      if (definition === null) return null;
      if (standing(definition.owner, state, privateState) === "foreign") {
        warn(foreignDefinition(state));
        return null;
      }
      const job = await observeJob(client, definition);
      if (isApplySettled(definition, job, state, privateState.get(UNFOLLOWED) === true)) {
        privateState.set(UNFOLLOWED, null);
        return observedDefinition(definition, job, state);
      }
      return { revision: null };
    },

    async update(plan, prior, context) {
      const definition = await takeDefinition(definitionNameOf(plan), prior, context);
      // Unknown in the plan: what is run changes, or an earlier apply of it did not come to its end.
      const computed = await (plan.revision === null
        ? applyContent(plan, prior, definition, context)
        : applyPolicy(plan, prior, definition, context));
      context.privateState.set(UNFOLLOWED, null);
      return computed;
    },

    async delete(state, context) {
      const { client, privateState, warn } = context;
      const definition = await client.definitions.read(state.cluster_uuid, state.name);
      const isForeign = standing(definition?.owner, state, privateState) === "foreign";
      if (isForeign) warn(foreignDefinition(state));
      // Jobs of another resource's definition are its; those of an earlier definition of the name were ours.
      if (state.dedicated === true && definition !== null && !isForeign)
        await undedicate(definition, context);
      const spared = isForeign ? (definition?.id ?? null) : null;
      await applyCancel({ ...definitionNameOf(state), spared }, waitMs(state, "delete"), context);
      if (definition !== null && !isForeign) await client.definitions.delete(definition);
    },

    import(id, privateState) {
      const [clusterUuid = "", name = "", ...rest] = id.split("/");
      if (isClusterUuid(clusterUuid) !== null || !new RegExp(NAME_PATTERN).test(name) || rest.length > 0) {
        throw failure(
          "import-id-invalid",
          "Invalid import id",
          `"${id}" can't be imported: it must be <cluster UUID>/<the job definition's name>.`,
        );
      }
      markImported(privateState);
      return { id, cluster_uuid: clusterUuid, name };
    },
  }),
);

/** The warning of a state whose definition is another's. */
function foreignDefinition({ cluster_uuid, name }: DefinitionState): Warning {
  const id = definitionResourceId(cluster_uuid, name);
  return foreignWarning(`Job definition ${id}`, id);
}

/** After a Ctrl-C: no error, for that would make Terraform destroy and run it again; the next apply takes the job up. */
function unfollowed(definition: JobDefinitionItem, job: JobItem | null, context: JobDefinitionContext) {
  context.privateState.set(UNFOLLOWED, true);
  context.warn({
    code: "job-not-followed",
    summary: `Interrupted: the job of definition ${definition.name} is not followed any more`,
    detail: `${job === null ? "It was probably not submitted yet" : `Job ${job.id} goes on`}. Apply again to follow it to its end; the same job is never submitted twice.`,
  });
  return computedDefinition(definition, job);
}
