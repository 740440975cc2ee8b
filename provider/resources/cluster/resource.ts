import { randomUUID } from "node:crypto";
import { DiagnosticError, failure } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
import { isUuid } from "../checks.js";
import { boundToPlace } from "../place.js";
import { musterResource } from "../resource.js";
import { statusMove } from "../status-move.js";
import { allTags, appliedTags, tagChange, tagLimits } from "../tags.js";
import { clusterSchema } from "./schema.js";
import { computedFrom, newClusterItem, observedState } from "./state.js";

/** AWS said no, so nothing was made. Where no answer came, something may have been, and must not be lost. */
const isRefusal = (error: unknown): boolean => error instanceof DiagnosticError && !error.transient;

/** `muster_cluster`. Every action may be repeated: what exists is kept, what is missing is made or left. */
export const clusterResource = boundToPlace(
  musterResource({
    schema: clusterSchema,

    plan({ tags }, { settings }) {
      const all = allTags(settings.defaultTags, tags);
      const problem = all === UNKNOWN ? null : tagLimits(all);
      if (problem !== null) {
        throw failure("Invalid tags", `tags and the provider's default_tags together ${problem}.`, ["tags"]);
      }
      return { tags_all: all };
    },

    async create(plan, { client, clock, saved }) {
      const uuid = randomUUID();
      const item = newClusterItem({
        uuid,
        org: client.org,
        name: plan.name,
        idleTimeoutMinutes: plan.idle_timeout_minutes,
        tags: appliedTags(client.settings.defaultTags, plan.tags),
        at: clock.now(),
      });
      // The registry first: an item without a secret is seen by every list; a secret without an item by none.
      await client.registry.createCluster(item).catch((error: unknown) => {
        if (!isRefusal(error)) saved(computedFrom(item));
        throw error;
      });
      saved(computedFrom(item));
      await client.secrets.create(item);
      return computedFrom(item);
    },

    async read(state, { client }) {
      if (state.uuid === null) return null;
      const item = await client.registry.readCluster(state.uuid);
      return item === null || item.clusterStatus === "REMOVED"
        ? null
        : observedState(item, state, client.settings);
    },

    async update(plan, prior, { client }) {
      const uuid = prior.uuid ?? "";
      const tags = appliedTags(client.settings.defaultTags, plan.tags);
      const change = tagChange(prior.tags_all ?? {}, tags);
      // The registry last: plans compare with it, so what failed before it is tried again.
      if (change !== null) await client.secrets.retag(uuid, change);
      const item = await client.registry.updateCluster(uuid, {
        values: { idleTimeoutMinutes: plan.idle_timeout_minutes, tags: { ...tags } },
      });
      if (item === null) {
        throw failure(
          `Cluster ${uuid} is gone`,
          `The registry of org ${client.org} in ${client.region} no longer has it. Plan again: it will be made anew.`,
        );
      }
      return computedFrom(item);
    },

    async delete(state, { client, clock }) {
      if (state.uuid === null) return;
      // From here on no head may start anything.
      await client.registry.updateCluster(state.uuid, {
        values: { phase: "removing", reason: null, statusChangedAt: clock.now().toISOString() },
        move: statusMove(["remove"]),
      });
      await client.secrets.deleteAll(state.uuid);
      await client.registry.deleteCluster(state.uuid);
    },

    import(id) {
      const problem = isUuid(id);
      if (problem !== null) throw failure("Invalid import id", `"${id}" can't be imported: it ${problem}.`);
      return { id, uuid: id };
    },
  }),
);
