import { definitionSk, PARTITION_KEY, partitionKeyed } from "../keys.js";
import type { JobDefinitionItem } from "../registry.js";
import { absent, all, type Delete, equal, type Key, legal, type Put } from "./write.js";

const keyOf = ({ clusterUuid, name }: Pick<JobDefinitionItem, "clusterUuid" | "name">): Key =>
  partitionKeyed(clusterUuid, definitionSk(name));

/** The legal writes of `DEFINITION#<name>`: a job that is kept, to be run again. */
export const definitionWrites = {
  create: legal(
    {
      by: ["provider"],
      why: "A cluster gets a new definition; never in the place of one that has the name already.",
    },
    (definition: JobDefinitionItem): Put => ({
      write: "put",
      key: keyOf(definition),
      item: definition,
      condition: absent(PARTITION_KEY),
    }),
  ),
  replace: legal(
    {
      by: ["provider"],
      why: "A definition changes, as it was last read: what another apply, or a hand, changed meanwhile is not lost.",
    },
    (previous: JobDefinitionItem, next: JobDefinitionItem): Put => ({
      write: "put",
      key: keyOf(next),
      item: next,
      condition: all(
        equal("id", previous.id),
        equal("revision", previous.revision),
        equal("updatedAt", previous.updatedAt),
      ),
    }),
  ),
  delete: legal(
    {
      by: ["provider"],
      why: "A definition goes while it is its owner's: one that another resource took over, or that has its name by now, stays.",
    },
    (definition: JobDefinitionItem): Delete => ({
      write: "delete",
      key: keyOf(definition),
      condition: all(
        equal("id", definition.id),
        definition.owner === undefined ? absent("owner") : equal("owner", definition.owner),
      ),
    }),
  ),
} as const;
