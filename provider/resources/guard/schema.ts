import { oneOf } from "../../client/checks.js";
import { computed, string, withDefault } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

export const DEFAULT_REFUSE_AT = "apply";

/** `muster_teardown_guard`. What it protects is what it depends on. */
export const guardSchema = {
  version: 0,
  description:
    "Protects what an org's clusters need. Destroying it fails, with the list, while the org has a cluster in this region. Let it depend on everything that clusters use (depends_on): Terraform then destroys it first, and a destroy that is refused has changed nothing.",
  attributes: {
    refuse_at: withDefault(string, DEFAULT_REFUSE_AT, {
      description:
        'When a destroy is refused. "apply" (default): its plan only warns. "plan": its plan fails already; choose it where other configurations read this one\'s outputs, because Terraform drops outputs from the state even when a destroy is refused.',
      checks: [oneOf(["apply", "plan"])],
    }),
    id: computed(string, { description: "org/region", changesWith: [] }),
    org: computed(string, {
      description: "The org whose clusters it asks for: the provider's.",
      changesWith: [],
    }),
    region: computed(string, { description: "The region whose clusters it asks for.", changesWith: [] }),
  },
} as const satisfies Schema;
