import { META_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import type { ClusterItem } from "../registry.js";
import { all, atMost, legal, present, type Update, update } from "./write.js";

/** Which nodes were replaced because they failed, and whether that has stopped. */
export type ReplacementNote = Required<Pick<ClusterItem, "replacements" | "protectedSince">>;

/** The legal writes of `META` about nodes that fail and are replaced. */
export const replacementWrites = {
  noteReplacements: legal(
    {
      by: ["head"],
      why: "A head is about to replace a node, or does not any more; written before, so that a head that follows counts what it began. Not over a newer head's word.",
    },
    (uuid: string, generation: number, note: ReplacementNote): Update =>
      update(
        partitionKeyed(uuid, META_SK),
        { set: { ...note, leaseGeneration: generation } },
        all(present(PARTITION_KEY), atMost("leaseGeneration", generation)),
      ),
  ),
  repair: legal(
    {
      by: ["submitter"],
      why: "A person has found out why nodes failed: failing ones are replaced again. Never makes a cluster that is gone.",
    },
    (uuid: string): Update =>
      update(
        partitionKeyed(uuid, META_SK),
        { set: { replacements: [], protectedSince: null } },
        present(PARTITION_KEY),
      ),
  ),
} as const;
