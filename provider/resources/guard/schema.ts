import { oneOf } from "../../client/checks.js";
import { computed, string, withDefault } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

export const DEFAULT_REFUSE_AT = "apply";

/** `muster_teardown_guard`. It protects the resources that it depends on. */
export const guardSchema = {
  version: 0,
  description:
    "Protects the resources that an org's clusters need. While the org has a cluster in this region, destroying the guard fails and lists the clusters. Let it depend on everything that clusters use (depends_on). Then Terraform destroys the guard first, and a refused destroy changes nothing.",
  attributes: {
    refuse_at: withDefault(string, DEFAULT_REFUSE_AT, {
      description:
        'When to refuse a destroy. "apply" (default): the plan only warns, and the apply fails. "plan": the plan already fails. Use "plan" if other configurations read this one\'s outputs, because Terraform drops outputs from the state even when the apply of a destroy fails.',
      checks: [oneOf(["apply", "plan"])],
    }),
    id: computed(string, { description: "org/region", changesWith: [] }),
    org: computed(string, {
      description: "The provider's org, whose clusters the guard checks.",
      changesWith: [],
    }),
    region: computed(string, { description: "The region whose clusters the guard checks.", changesWith: [] }),
  },
} as const satisfies Schema;
