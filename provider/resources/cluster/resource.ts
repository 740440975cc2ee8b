import { randomUUID } from "node:crypto";
import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import { isClusterUuid } from "../../client/checks.js";
import { observeCluster } from "../../client/observed-cluster.js";
import { boundToPlace } from "../../client/place.js";
import type { MusterClient } from "../../client/ports.js";
import { allTags, appliedTags, tagChange, tagLimits } from "../../client/tags.js";
import { DiagnosticError, failure } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
import { isRefusal } from "../ownership.js";
import { musterResource } from "../resource.js";
import { budgetRules } from "./budget.js";
import { clusterNamed, clusterNameTaken } from "./name.js";
import { observeAttached } from "./notebooks.js";
import { clusterSchema } from "./schema.js";
import { newSecretWarning, noSecretWarning } from "./secret.js";
import {
  appliedBefore,
  computedCluster,
  newClusterItem,
  observedState,
  rememberTags,
  tagsOnBoth,
  useSettings,
  WITHOUT_ITEM,
} from "./state.js";

/** `muster_cluster`. Every action may be repeated: it keeps what exists. */
export const clusterResource = boundToPlace(
  musterResource({
    schema: clusterSchema,

    validate: ({ budget }) => budgetRules(budget),

    plan({ tags }, { prior, settings }) {
      const all = allTags(settings.defaultTags, tags);
      const problem = all === UNKNOWN ? null : tagLimits(all);
      if (problem !== null) {
        throw failure(
          "tags-invalid",
          "Invalid tags",
          `tags and the provider's default_tags together ${problem}.`,
          ["tags"],
        );
      }
      return {
        tags_all: all,
        ...(prior !== null && prior.secret_parameter === null ? { secret_parameter: UNKNOWN } : {}),
        ...(prior !== null && prior.status === null ? { uuid: UNKNOWN } : {}),
      };
    },

    async create(plan, { client, clock, privateState, saved }) {
      const uuid = randomUUID();
      const item = newClusterItem({
        uuid,
        org: client.org,
        name: plan.name,
        ...useSettings(plan),
        tags: appliedTags(client.settings.defaultTags, plan.tags),
        at: clock.now(),
      });
      const computed = computedCluster({ ...item, nodes: [] });
      // The registry first: lists show an item without a secret, but not a secret without an item.
      const holder = await client.registry.createCluster(item).catch((error: unknown) => {
        if (!isRefusal(error)) saved(computed);
        throw error;
      });
      if (holder !== null) throw clusterNameTaken(client.org, holder);
      saved(computed);
      rememberTags(privateState, item.tags);
      await client.secrets.create(item);
      return computed;
    },

    async read(state, { client, privateState, warn }) {
      const uuid = state.uuid ?? (await uuidNamed(state.name, client));
      const [item, onSecret] = await Promise.all([observeCluster(client, uuid), client.secrets.tags(uuid)]);
      if (item === null || item.clusterStatus === "REMOVED") {
        // An import has no name yet: there is nothing to manage.
        return onSecret === null || state.name === null ? null : WITHOUT_ITEM;
      }
      if (onSecret === null) warn(noSecretWarning(item));
      const tags = tagsOnBoth(item.tags, onSecret, appliedBefore(privateState, state, item));
      return observedState(item, { tags, hasSecret: onSecret !== null }, state, client.settings);
    },

    async update(plan, prior, { client, privateState, warn }) {
      const uuid = prior.uuid ?? "";
      const tags = appliedTags(client.settings.defaultTags, plan.tags);
      if (prior.secret_parameter === null) {
        await client.secrets.create({ uuid, name: plan.name, tags });
        warn(newSecretWarning(plan.name, uuid));
      }
      const change = tagChange(prior.tags_all ?? {}, tags);
      // The registry last: plans compare with it, so a failure before it is retried.
      if (change !== null) await client.secrets.retag(uuid, change);
      const declared = { ...useSettings(plan), tags: { ...tags } };
      const item = await client.registry.updateCluster(clusterWrites.configure(uuid, declared));
      if (item === null) {
        throw failure(
          "cluster-gone",
          `Cluster ${uuid} is gone`,
          `The registry of org ${client.org} in ${client.region} no longer has it. Plan again: it will be made anew.`,
        );
      }
      rememberTags(privateState, tags);
      await client.registry.keepName(item);
      return computedCluster({ ...item, nodes: await client.registry.readNodes(item) });
    },

    async planDelete(state, { client }) {
      const problem = state.uuid === null ? null : await observeAttached(state, client);
      if (problem === null) return [];
      if (state.refuse_at === "plan") return [problem];
      return [
        {
          ...problem,
          severity: "warning",
          detail: `Destroy will be refused, unless it destroys them first. ${problem.detail}`,
        },
      ];
    },

    async delete(state, { client, clock }) {
      if (state.uuid === null) return;
      const problem = await observeAttached(state, client);
      if (problem !== null) throw new DiagnosticError([problem]);
      // From here on, no head may start anything.
      const removed = await client.registry.updateCluster(clusterWrites.remove(state.uuid, clock.now()));
      // Before META goes: it says what has no record yet.
      if (removed !== null) {
        await client.registry.recordUsage(removed);
        await client.registry.recordJobUsage(removed);
      }
      await client.secrets.deleteAll(state.uuid);
      await client.registry.deleteCluster(state.uuid, state.name);
    },

    import(id) {
      if (isClusterUuid(id) === null) return { id, uuid: id };
      if (new RegExp(NAME_PATTERN).test(id)) return { name: id };
      throw failure(
        "import-id-invalid",
        "Invalid import id",
        `"${id}" can't be imported: it must be a cluster's UUID, like 6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21, or its name.`,
      );
    },
  }),
);

/** For an import by name: a create puts its UUID into the state before anything else. */
async function uuidNamed(name: string, { registry }: MusterClient): Promise<string> {
  return clusterNamed((await registry.listClusters()) ?? [], name).uuid;
}
