import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { isClusterUuid, matches, NAME_MEANING } from "../../client/checks.js";
import { bool, computed, filled, integer, map, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";
import { factAttributes } from "../../resources/cluster/facts.js";

/** `data "muster_cluster"`: one cluster, by name or by UUID, as it is in the registry now. */
export const clusterDataSchema = {
  version: 0,
  description: "One cluster of the org, found by name or by UUID, as it is now.",
  attributes: {
    name: filled(string, {
      description: "The cluster's name. Give this or uuid.",
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    uuid: filled(string, { description: "The cluster's UUID. Give this or name.", checks: [isClusterUuid] }),
    tags: computed(map(string), {
      description: "All its tags, including those from a provider's default_tags.",
    }),
    idle_timeout_minutes: computed(integer, {
      description: "Minutes without activity until the cluster parks; null = never.",
    }),
    count_ssh_sessions: computed(bool, {
      description: "Whether a person who is logged in on a node keeps it from parking.",
    }),
    resume_on_job: computed(bool, {
      description: "Whether a submitted job gives it its nodes back when it is parked.",
    }),
    ...factAttributes,
  },
} as const satisfies Schema;
