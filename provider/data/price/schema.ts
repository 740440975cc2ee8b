import { computed, list, number, required, string } from "../../core/schema.js";
import type { Check, Schema } from "../../core/types.js";

const MAX_TYPES = 50;

/** Elements may still be unknown. */
const areTypes: Check<readonly string[]> = (names) => {
  if (names.length === 0 || names.length > MAX_TYPES) return `must have 1-${MAX_TYPES} instance types`;
  const wrong = names.filter((name) => typeof name === "string" && !/^[a-z0-9.-]{1,64}$/.test(name));
  return wrong.length === 0 ? null : `must hold instance types, like c5.xlarge (not so: ${wrong.join(", ")})`;
};

/** `data "muster_price"`: what a node's hour costs. */
export const priceDataSchema = {
  version: 0,
  description:
    "What a node's hour costs on demand with Linux in the provider's region, by AWS's price list, which is asked at each read, for 10 s at most. It does not fail where the price list does not answer or does not know a type, so that a destroy never does: let a condition ask for an empty problems.",
  attributes: {
    instance_types: required(list(string), {
      description: "The types that the nodes may have.",
      checks: [areTypes],
    }),
    id: computed(string, { description: "The region." }),
    price_per_hour: computed(number, {
      description:
        "USD for an hour of the dearest of the types, without tax and discounts. Spot nodes cost no more. Null: not every type's price is known.",
    }),
    problems: computed(list(string), {
      description: "Why the price is not known, each reason in one line; empty if it is.",
    }),
  },
} as const satisfies Schema;
