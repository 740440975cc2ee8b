import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { computed, integer, map, optional, required, string } from "../../core/schema.js";
import type { Check, Schema } from "../../core/types.js";
import { between, matches, NAME_MEANING } from "../checks.js";
import { factAttributes } from "./facts.js";

const MAX_TAGS = 50;
const ONE_YEAR_MINUTES = 525_600;

const tagLimits: Check<Readonly<Record<string, string>>> = (tags) => {
  const keys = Object.keys(tags);
  const wrong = keys.filter((key) => key.length < 1 || key.length > 128 || /^aws:/i.test(key));
  if (keys.length > MAX_TAGS) return `must hold at most ${MAX_TAGS} tags`;
  return wrong.length === 0
    ? null
    : `must have keys of 1-128 characters that don't begin with "aws:" (not so: ${wrong.join(", ")})`;
};

/** `muster_cluster`: a cluster's identity. It outlives its nodes, which belong to muster_fleet. */
export const clusterSchema = {
  version: 0,
  description:
    "An MPI cluster's identity: its UUID, its item in the org's registry and its secret. Nodes come with muster_fleet. What it tells of its nodes is of the last refresh and makes no difference in its own plan, parked or not; an output of it changes when they do.",
  attributes: {
    name: required(string, {
      description: "The cluster's name. A change replaces the cluster.",
      replaces: true,
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    idle_timeout_minutes: optional(integer, {
      description:
        "Recorded for the cluster's head: minutes without activity until it shall park. Nodes do not park themselves yet: they run, and cost, until nodes is lowered or the fleet destroyed.",
      checks: [between(1, ONE_YEAR_MINUTES)],
    }),
    tags: optional(map(string), {
      description: "Tags kept with the cluster in the registry.",
      checks: [tagLimits],
    }),
    uuid: computed(string, { description: "The cluster's UUID, random, for good.", changesWith: [] }),
    ...factAttributes,
  },
} as const satisfies Schema;
