import { NAME_PATTERN } from "../../../agent/contract/names.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { isUuid } from "../../client/checks.js";
import { boundToPlace } from "../../client/place.js";
import { failure, InterruptedError } from "../../core/diagnostic.js";
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
import type { JobContext } from "./context.js";
import { isSettled } from "./decide.js";
import { makeDefinition, takeDefinition } from "./define.js";
import { jobRules } from "./rules.js";
import { jobSchema } from "./schema.js";
import {
  computedFrom,
  isFollowed,
  type JobState,
  jobNameOf,
  jobResourceId,
  observedState,
  waitMs,
  wantedBy,
} from "./state.js";
import { followRun, observeRun, submitRun } from "./submission.js";
import { applyChange, applyPolicy } from "./update.js";

/** In the private state after a create that was interrupted while it waited: its run is still to be followed. */
const UNFOLLOWED = "unfollowed";

/**
 * `muster_job`. The run of a revision has one id for good, so whatever is cut short, nothing is submitted twice. Its
 * definition has an owner, so whatever is renamed or imported, nothing is touched that is another's.
 */
export const jobResource = boundToPlace(
  musterResource({
    schema: jobSchema,
    validate: jobRules,

    // What the state does not know makes the plan show an update, which finds out what there is to take up, or takes it over.
    plan: (_given, { prior }) => ({
      ...foreseenOwner(prior),
      ...(prior !== null && prior.revision === null ? { revision: UNKNOWN } : {}),
    }),

    async planCreate({ cluster_uuid: clusterUuid, name }, { client }) {
      if (clusterUuid === UNKNOWN || name === UNKNOWN) return [];
      const definition = await client.definitions.read(clusterUuid, name);
      const id = jobResourceId(clusterUuid, name);
      return definition?.owner === undefined ? [] : [plannedOver(`Job ${id}`, id)];
    },

    async create(plan, context) {
      const owner = newOwner();
      const making = makeDefinition(jobNameOf(plan), { ...wantedBy(plan), owner }, context);
      const definition = await making.catch((error: unknown) => {
        if (!isRefusal(error)) context.saved({ id: jobResourceId(plan.cluster_uuid, plan.name), owner });
        throw error;
      });
      context.saved(computedFrom(definition, null));
      let run: JobItem | null = null;
      try {
        run = await observeRun(context.client, definition);
        if (run === null && plan.run === "on_change") run = await submitRun(definition, context);
        context.saved(computedFrom(definition, run));
        if (run !== null && isFollowed(plan)) {
          run = await followRun(definition, run.id, waitMs(plan, "create"), context);
        }
        return computedFrom(definition, run);
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
        return unfollowed(definition, run, context);
      }
    },

    async read(state, { client, privateState, warn }) {
      const definition = await client.definitions.read(state.cluster_uuid, state.name);
      if (definition === null) return null;
      if (standing(definition.owner, state, privateState) === "foreign") {
        warn(...foreignJob(state));
        return null;
      }
      const run = await observeRun(client, definition);
      if (isSettled(definition, run, state, privateState.get(UNFOLLOWED) === true)) {
        privateState.set(UNFOLLOWED, null);
        return observedState(definition, run, state);
      }
      return { revision: null };
    },

    async update(plan, prior, context) {
      const definition = await takeDefinition(jobNameOf(plan), prior, context);
      // Unknown in the plan: what is run changes, or an earlier apply of it did not come to its end.
      const told = await (plan.revision === null
        ? applyChange(plan, definition, context)
        : applyPolicy(plan, prior, definition, context));
      context.privateState.set(UNFOLLOWED, null);
      return told;
    },

    async delete(state, context) {
      const { client, privateState, warn } = context;
      const definition = await client.definitions.read(state.cluster_uuid, state.name);
      const isForeign = standing(definition?.owner, state, privateState) === "foreign";
      if (isForeign) warn(...foreignJob(state));
      // Runs of what another resource has are its; those of an earlier definition of the name were ours.
      const spared = isForeign ? (definition?.id ?? null) : null;
      await applyCancel({ ...jobNameOf(state), spared }, waitMs(state, "delete"), context);
      if (definition !== null && !isForeign) await client.definitions.delete(definition);
    },

    import(id, privateState) {
      const [clusterUuid = "", name = "", ...rest] = id.split("/");
      if (isUuid(clusterUuid) !== null || !new RegExp(NAME_PATTERN).test(name) || rest.length > 0) {
        throw failure(
          "Invalid import id",
          `"${id}" can't be imported: it must be <cluster UUID>/<the job's name>.`,
        );
      }
      markImported(privateState);
      return { id, cluster_uuid: clusterUuid, name };
    },
  }),
);

/** Summary and detail, of a state whose job is another's. */
function foreignJob({ cluster_uuid, name }: JobState): readonly [string, string] {
  const id = jobResourceId(cluster_uuid, name);
  return foreignWarning(`Job ${id}`, id);
}

/** After a Ctrl-C: no error, for that would make Terraform destroy and run it again; the next apply takes the run up. */
function unfollowed(definition: JobDefinitionItem, run: JobItem | null, context: JobContext) {
  context.privateState.set(UNFOLLOWED, true);
  context.warn(
    `Interrupted: job ${definition.name} is not followed any more`,
    `${run === null ? "Its run was probably not submitted yet" : `Its run ${run.id} goes on`}. Apply again to follow it to its end; the same run is never submitted twice.`,
  );
  return computedFrom(definition, run);
}
