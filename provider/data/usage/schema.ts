import { monthProblem } from "../../../agent/contract/usage-report.js";
import { oneOf } from "../../client/checks.js";
import {
  computed,
  integer,
  list,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

/** `data "muster_usage"`: what the org's clusters have used in a month. */
export const usageDataSchema = {
  version: 0,
  description:
    "What the org's clusters in this region have used in a month: node minutes from when all nodes were ready until they were no longer wanted, of clusters that are gone too, and of notebooks' own nodes while they were ready, which are their clusters'. A create that failed has used nothing. Minutes are rounded to the nearest one, once for each row.",
  attributes: {
    month: optional(string, {
      description: 'A month of UTC, like "2026-11". Default: the one in which the data source is read.',
      checks: [monthProblem],
    }),
    by: withDefault(string, "cluster", {
      description: "What is summed up: cluster or type.",
      checks: [oneOf(["cluster", "type"])],
    }),
    id: computed(string, { description: "org/region/month/by" }),
    minutes: computed(integer, { description: "Node minutes of all rows together." }),
    rows: computed(
      list(
        object({
          key: required(string, { description: "The cluster's name, or the instance type." }),
          uuid: optional(string, { description: "The cluster's UUID; null where rows are by type." }),
          instance_types: required(list(string), { description: "The types of the nodes." }),
          minutes: required(integer, { description: "Node minutes." }),
        }),
      ),
      { description: "The most minutes first." },
    ),
  },
} as const satisfies Schema;
