import { between, matches, oneOf } from "../../client/checks.js";
import { bool, computed, integer, list, object, optional, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

const MAX_COUNT = 1_000_000_000;
const atLeast = (what: string) =>
  optional(integer, {
    description: `Only types with at least this ${what}.`,
    checks: [between(1, MAX_COUNT)],
  });

/** `data "muster_instance_types"`: instance types for nodes. */
export const instanceTypesDataSchema = {
  version: 0,
  description:
    "The region's EC2 instance types that match, the smallest first. If the list is empty, reason says why.",
  attributes: {
    name: optional(string, {
      description:
        'Only types whose name matches; * means any text and ? any one character, like "c5*.xlarge".',
      checks: [matches(/^[a-z0-9.*?-]{1,64}$/, "an instance type's name, which may contain * and ?")],
    }),
    architecture: optional(string, {
      description: "Only types with this architecture.",
      checks: [oneOf(["x86_64", "arm64"])],
    }),
    efa: optional(bool, {
      description: "true: only types with an Elastic Fabric Adapter; false: only types without one.",
    }),
    min_cores: atLeast("many physical cores"),
    min_memory_mib: atLeast("much memory, in MiB"),
    id: computed(string, { description: "The region." }),
    reason: computed(string, { description: "Why the list is empty; null if it is not." }),
    names: computed(list(string), { description: "The types' names, in the order of instance_types." }),
    instance_types: computed(
      list(
        object({
          name: required(string, { description: "E.g. c5.xlarge." }),
          vcpus: required(integer, { description: "Virtual CPUs." }),
          cores: required(integer, { description: "Physical cores: a node's slots in the hostfile." }),
          memory_mib: required(integer, { description: "Memory in MiB." }),
          efa: required(bool, { description: "Whether it has an Elastic Fabric Adapter." }),
          architectures: required(list(string), { description: "E.g. x86_64." }),
        }),
      ),
      { description: "The types, by cores, then memory, then name." },
    ),
  },
} as const satisfies Schema;
