import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { computed, filled, integer, list, map, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";
import { isUuid, matches, NAME_MEANING } from "../../resources/checks.js";

/** `data "muster_cluster"`: one cluster, by name or by UUID, as the registry has it now. */
export const clusterDataSchema = {
  version: 0,
  description: "One cluster of the org, found by name or by UUID, as it is now.",
  attributes: {
    name: filled(string, {
      description: "The cluster's name. Give this or uuid.",
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    uuid: filled(string, { description: "The cluster's UUID. Give this or name.", checks: [isUuid] }),
    id: computed(string, { description: "The same as uuid." }),
    org: computed(string, { description: "The org that it belongs to: the provider's." }),
    tags: computed(map(string), { description: "The tags kept with it." }),
    idle_timeout_minutes: computed(integer, {
      description: "Minutes without activity until it shall park; null = never.",
    }),
    created_at: computed(string, { description: "When it was made; ISO 8601, UTC." }),
    status: computed(string, {
      description: "NEW, INPROGRESS, FINISHED (ready), FAILED, PARKED or REMOVING.",
    }),
    phase: computed(string, { description: "Finer than the status, e.g. waiting-for-nodes." }),
    reason: computed(string, { description: "Why it is FAILED or not yet ready; null otherwise." }),
    desired_nodes: computed(integer, { description: "Nodes that were asked for." }),
    ready_nodes: computed(integer, { description: "Nodes in the hostfile." }),
    cores: computed(integer, { description: "Physical cores of those nodes." }),
    addresses: computed(list(string), { description: "Private addresses of those nodes." }),
    head_instance_id: computed(string, { description: "The head node's EC2 instance; null = none yet." }),
    hostfile: computed(string, { description: "The hostfile's path on every node." }),
  },
} as const satisfies Schema;
