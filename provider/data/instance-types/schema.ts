import { between, matches, oneOf } from "../../client/checks.js";
import { bool, computed, integer, list, object, optional, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

const MAX_COUNT = 1_000_000_000;
const atLeast = (what: string) =>
  optional(integer, { description: `Only types with at least so ${what}.`, checks: [between(1, MAX_COUNT)] });

/** `data "muster_instance_types"`: what nodes could be. */
export const instanceTypesDataSchema = {
  version: 0,
  description:
    "EC2 instance types of the region that fit, the smallest first. The list is empty only with a reason.",
  attributes: {
    name: optional(string, {
      description: 'Only types whose name matches; * is any text and ? any one character, like "c5*.xlarge".',
      checks: [matches(/^[a-z0-9.*?-]{1,64}$/, "an instance type's name, in which * and ? may stand")],
    }),
    architecture: optional(string, {
      description: "Only types of this architecture.",
      checks: [oneOf(["x86_64", "arm64"])],
    }),
    efa: optional(bool, {
      description: "Only types that have an Elastic Fabric Adapter, or only such that have none.",
    }),
    min_cores: atLeast("many physical cores"),
    min_memory_mib: atLeast("much memory, in MiB"),
    id: computed(string, { description: "The region." }),
    reason: computed(string, { description: "Why the list is empty; null where it is not." }),
    names: computed(list(string), { description: "The types' names, in the order of instance_types." }),
    instance_types: computed(
      list(
        object({
          name: required(string, { description: "E.g. c5.xlarge." }),
          vcpus: required(integer, { description: "Virtual CPUs." }),
          cores: required(integer, { description: "Physical cores: the slots of a node in the hostfile." }),
          memory_mib: required(integer, { description: "Memory in MiB." }),
          efa: required(bool, { description: "Whether it has an Elastic Fabric Adapter." }),
          architectures: required(list(string), { description: "E.g. x86_64." }),
        }),
      ),
      { description: "The types, by cores, then memory, then name." },
    ),
  },
} as const satisfies Schema;
