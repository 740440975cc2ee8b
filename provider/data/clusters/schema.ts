import { LISTED_STATUSES } from "../../../agent/contract/cluster-state.js";
import { oneOf } from "../../client/checks.js";
import { computed, integer, list, object, optional, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

/** `data "muster_clusters"`: the org's clusters. */
export const clustersDataSchema = {
  version: 0,
  description: "The org's clusters in this region, by name.",
  attributes: {
    status: optional(string, {
      description: "Only clusters with this status. Default: all.",
      checks: [oneOf(LISTED_STATUSES)],
    }),
    id: computed(string, { description: "org/region" }),
    uuids: computed(list(string), { description: "The clusters' UUIDs, in the order of clusters." }),
    clusters: computed(
      list(
        object({
          uuid: required(string, { description: "The cluster's UUID." }),
          name: required(string, { description: "Its name." }),
          status: required(string, { description: "Its status." }),
          phase: required(string, { description: "More detail than the status." }),
          reason_code: optional(string, { description: "The code of the reason." }),
          reason: optional(string, { description: "Why it is FAILED or not yet ready." }),
          ready_nodes: required(integer, { description: "Nodes in its hostfile." }),
          cores: required(integer, { description: "Physical cores of the nodes in its hostfile." }),
          created_at: required(string, { description: "When it was created; ISO 8601, UTC." }),
        }),
      ),
      { description: "The clusters, by name, then by UUID." },
    ),
  },
} as const satisfies Schema;
