import { NAME_PATTERN } from "../../../agent/contract/names.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { failure, InterruptedError } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
import { isUuid } from "../checks.js";
import { boundToPlace } from "../place.js";
import { musterResource } from "../resource.js";
import { applyCancel } from "./cancel.js";
import type { JobContext } from "./context.js";
import { isSettled } from "./decide.js";
import { makeDefinition, observeDefinition } from "./define.js";
import { jobRules } from "./rules.js";
import { followRun, observeRun, submitRun } from "./run.js";
import { jobSchema } from "./schema.js";
import { computedFrom, isFollowed, jobNameOf, observedState, waitMs, wantedBy } from "./state.js";
import { applyChange, applyPolicy } from "./update.js";

/** In the private state after a create that was interrupted while it waited: its run is still to be followed. */
const UNFOLLOWED = "unfollowed";

/** `muster_job`. The run of a revision has one id for good, so whatever is cut short, nothing is submitted twice. */
export const jobResource = boundToPlace(
  musterResource({
    schema: jobSchema,
    validate: jobRules,

    // A revision that the state does not know makes the plan show an update, which finds out what there is to take up.
    plan: (_given, { prior }) => (prior !== null && prior.revision === null ? { revision: UNKNOWN } : {}),

    async create(plan, context) {
      // Nothing is said to be saved before this: a definition that was made and not remembered is found again by the next
      // create, while one remembered too early could be another's, and would be destroyed as a failed create of ours.
      const definition = await makeDefinition(jobNameOf(plan), wantedBy(plan), context);
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

    async read(state, { client, privateState }) {
      const definition = await client.definitions.read(state.cluster_uuid, state.name);
      if (definition === null) return null;
      const run = await observeRun(client, definition);
      if (isSettled(definition, run, state, privateState.get(UNFOLLOWED) === true)) {
        privateState.set(UNFOLLOWED, null);
        return observedState(definition, run, state);
      }
      return { revision: null };
    },

    async update(plan, prior, context) {
      const definition = await observeDefinition(jobNameOf(plan), context);
      // Unknown in the plan: what is run changes, or an earlier apply of it did not come to its end.
      const told = await (plan.revision === null
        ? applyChange(plan, definition, context)
        : applyPolicy(plan, prior, definition, context));
      context.privateState.set(UNFOLLOWED, null);
      return told;
    },

    async delete(state, context) {
      const { client } = context;
      await applyCancel(jobNameOf(state), waitMs(state, "delete"), context);
      await client.definitions.delete(state.cluster_uuid, state.name);
    },

    import(id) {
      const [clusterUuid = "", name = "", ...rest] = id.split("/");
      if (isUuid(clusterUuid) !== null || !new RegExp(NAME_PATTERN).test(name) || rest.length > 0) {
        throw failure(
          "Invalid import id",
          `"${id}" can't be imported: it must be <cluster UUID>/<the job's name>.`,
        );
      }
      return { id, cluster_uuid: clusterUuid, name };
    },
  }),
);

/** After a Ctrl-C: no error, for that would make Terraform destroy and run it again; the next apply takes the run up. */
function unfollowed(definition: JobDefinitionItem, run: JobItem | null, context: JobContext) {
  context.privateState.set(UNFOLLOWED, true);
  context.warn(
    `Interrupted: job ${definition.name} is not followed any more`,
    `${run === null ? "Its run was probably not submitted yet" : `Its run ${run.id} goes on`}. Apply again to follow it to its end; the same run is never submitted twice.`,
  );
  return computedFrom(definition, run);
}
