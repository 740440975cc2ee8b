import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { between, matches, NAME_MEANING } from "../../client/checks.js";
import { tagLimits } from "../../client/tags.js";
import { computed, integer, map, nullable, optional, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";
import { factAttributes } from "./facts.js";

const ONE_YEAR_MINUTES = 525_600;

/** `muster_cluster`: a cluster's identity. It outlives its nodes, which belong to muster_fleet. */
export const clusterSchema = {
  version: 0,
  description:
    "An MPI cluster's identity: its UUID, its item in the org's registry and its secret. Nodes come with muster_fleet. What it tells of its nodes is of the last refresh and makes no difference in its own plan, parked or not; an output of it changes when they do.",
  attributes: {
    name: required(string, {
      description: "The cluster's name, unique in the org. A change replaces the cluster.",
      replaces: true,
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    idle_timeout_minutes: optional(integer, {
      description:
        "Recorded for the cluster's head: minutes without activity until it shall park; null (default) = never. Nodes do not park themselves yet: they run, and cost, until nodes is lowered or the fleet destroyed.",
      checks: [between(1, ONE_YEAR_MINUTES)],
    }),
    tags: optional(map(nullable(string)), {
      description:
        "The cluster's own tags. They win over the provider's default_tags. A tag whose value is null is left out.",
      checks: [tagLimits],
    }),
    tags_all: computed(map(string), {
      description:
        "Every tag: tags over the provider's default_tags. They are on the cluster's item in the registry and on its secret in SSM.",
      changesWith: ["tags"],
    }),
    uuid: computed(string, {
      description: "The cluster's UUID, random, for good.",
      changesWith: [],
      // Where its item in the registry is gone, nothing can bring it back: what is left is removed, and another is made.
      replaces: true,
    }),
    secret_parameter: computed(string, {
      description:
        "The SSM parameter (SecureString) that holds the cluster's secret; never its value. Null where it was deleted: the next apply makes another secret.",
      changesWith: [],
    }),
    ...factAttributes,
  },
} as const satisfies Schema;
