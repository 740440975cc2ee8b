import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { between, matches, NAME_MEANING, oneOf } from "../../client/checks.js";
import { tagLimits } from "../../client/tags.js";
import {
  bool,
  computed,
  integer,
  map,
  nullable,
  number,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Schema } from "../../core/types.js";
import { factAttributes } from "./facts.js";

export const DEFAULT_REFUSE_AT = "apply";
const MOST_OF_A_BUDGET = 100_000_000;
const ONE_YEAR_MINUTES = 525_600;

/** `muster_cluster`: a cluster's identity. It outlives its nodes, which belong to muster_fleet. */
export const clusterSchema = {
  version: 0,
  description:
    "An MPI cluster's identity: its UUID, its item in the org's registry and its secret. muster_fleet adds the nodes. Attributes about nodes show the last refresh. A change of them does not show in this resource's plan, but an output that refers to them changes.",
  attributes: {
    name: required(string, {
      description: "The cluster's name, unique in the org. A change replaces the cluster.",
      replaces: true,
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    idle_timeout_minutes: optional(integer, {
      description:
        "Minutes without activity until the cluster parks: its nodes are given up until there is work again, and plans stay empty. They count from when it was ready at the earliest. Null (default) = never.",
      checks: [between(1, ONE_YEAR_MINUTES)],
    }),
    count_ssh_sessions: withDefault(bool, true, {
      description:
        "Whether a person who is logged in on a node, by ssh or Session Manager, keeps the cluster from parking.",
    }),
    resume_on_job: withDefault(bool, true, {
      description:
        "Whether a submitted job gives a parked cluster its nodes back. If false, a parked cluster refuses jobs until muster cluster resume.",
    }),
    share_with_notebooks: withDefault(bool, false, {
      description:
        "Whether jobs of others run while a notebook is attached and awake. If false, the cluster is then that notebook's: other jobs wait.",
    }),
    budget: optional(
      object({
        max_hours: optional(number, {
          description: "Node hours: 10 nodes for 3 hours are 30.",
          checks: [between(0.01, MOST_OF_A_BUDGET)],
        }),
        max_cost: optional(number, {
          description: "USD, by price_per_hour: what the nodes cost, without disks, traffic and the rest.",
          checks: [between(0.01, MOST_OF_A_BUDGET)],
        }),
        price_per_hour: optional(number, {
          description:
            "USD for a node's hour, of whichever instance type. Required with max_cost; data muster_price has AWS's list price.",
          checks: [between(0.0001, 10_000)],
        }),
      }),
      {
        description:
          "What the cluster's nodes may use in a calendar month (UTC). It warns at 80 % and at 100 %; then it takes no job, and parks when the running one has ended. Nothing resumes it until the month is over or the budget is higher. Null (default) = as much as is wanted.",
      },
    ),
    refuse_at: withDefault(string, DEFAULT_REFUSE_AT, {
      description:
        'When to refuse a destroy while notebooks are attached. "apply" (default): the plan only warns, and the apply fails; for notebooks in the same configuration, which Terraform destroys first. "plan": the plan already fails, so that nothing of the cluster is destroyed; for notebooks in other configurations.',
      checks: [oneOf(["apply", "plan"])],
    }),
    tags: optional(map(nullable(string)), {
      description:
        "The cluster's own tags. They override the provider's default_tags. A tag whose value is null is left out.",
      checks: [tagLimits],
    }),
    tags_all: computed(map(string), {
      description:
        "All tags: the provider's default_tags, overridden by tags. They are on the cluster's item in the registry and on its secret in SSM.",
      changesWith: ["tags"],
    }),
    uuid: computed(string, {
      description: "The cluster's random UUID. It never changes.",
      changesWith: [],
      // Nothing can restore a deleted registry item: the apply removes what is left, and makes another cluster.
      replaces: true,
    }),
    secret_parameter: computed(string, {
      description:
        "The name of the SSM parameter (SecureString) with the cluster's secret, never its value. Null if the parameter was deleted: the next apply creates another secret.",
      changesWith: [],
    }),
    ...factAttributes,
  },
} as const satisfies Schema;
