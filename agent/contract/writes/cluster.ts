import { clusterMove } from "../cluster-state.js";
import { META_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import { type ClusterReasonCode, NO_REASON } from "../reasons.js";
import type { ClusterItem } from "../registry.js";
import { fleetWrites } from "./fleet.js";
import { parkWrites } from "./park.js";
import { replacementWrites } from "./replacement.js";
import { resizeWrites } from "./resize.js";
import {
  absent,
  all,
  atMost,
  type Delete,
  equal,
  type Key,
  legal,
  not,
  oneOf,
  type Put,
  present,
  type Update,
  update,
} from "./write.js";

/** What the head sees: `changes` to set, of the status and the desired size as they were `seen`. */
export interface Observation {
  readonly changes: Partial<ClusterItem> & { readonly leaseGeneration: number };
  readonly seen: Pick<ClusterItem, "clusterStatus" | "desiredNodes">;
}

/** What became of the cluster's files. `filesReason`: what keeps the folders from being emptied. */
export type FilesNote = {
  readonly files: "to-empty" | "emptied";
  readonly filesReasonCode: ClusterReasonCode | null;
  readonly filesReason: string | null;
};

const keyOf = (uuid: string): Key => partitionKeyed(uuid, META_SK);
const exists = present(PARTITION_KEY);

const REMOVE = clusterMove(["remove"]);
const REMOVE_NOT_BEGUN = REMOVE.from.filter((status) => status !== REMOVE.to);

/** The legal writes of `META`: the cluster. */
export const clusterWrites = {
  create: legal(
    {
      by: ["provider"],
      why: "A new cluster, in one transaction with its name. Its UUID is random: where there is one, an earlier attempt of the same apply wrote it.",
    },
    (cluster: ClusterItem): Put => ({
      write: "put",
      key: keyOf(cluster.uuid),
      item: cluster,
      condition: absent(PARTITION_KEY),
    }),
  ),
  configure: legal(
    { by: ["provider"], why: "Changes what a person declares of a cluster; never makes one that is gone." },
    (
      uuid: string,
      set: Pick<
        ClusterItem,
        "idleTimeoutMinutes" | "countSshSessions" | "resumeOnJob" | "shareWithNotebooks" | "budget" | "tags"
      >,
    ): Update => update(keyOf(uuid), { set }, exists),
  ),
  dedicate: legal(
    {
      by: ["provider"],
      why: "The cluster is made for one job, and parks when that has ended. Not of a cluster that goes, nor over another job than the one that was read.",
    },
    (uuid: string, jobId: string, seen: string | undefined): Update =>
      update(
        keyOf(uuid),
        { set: { dedicatedTo: jobId } },
        all(
          exists,
          oneOf("clusterStatus", REMOVE_NOT_BEGUN),
          seen === undefined ? absent("dedicatedTo") : equal("dedicatedTo", seen),
        ),
      ),
  ),
  undedicate: legal(
    {
      by: ["provider"],
      why: "The cluster stays when the job has ended. Not where it is parked, and may be on its way out already: a destroy that is repeated finds what it was made for. Not where it was made for another job meanwhile.",
    },
    (uuid: string, jobId: string): Update =>
      update(
        keyOf(uuid),
        { set: {}, remove: ["dedicatedTo"] },
        all(exists, equal("dedicatedTo", jobId), not(equal("clusterStatus", "PARKED"))),
      ),
  ),
  remove: legal(
    {
      by: ["provider"],
      why: "The cluster goes: from here on no head starts anything, and no fleet gets nodes.",
    },
    (uuid: string, at: Date): Update =>
      update(
        keyOf(uuid),
        {
          set: {
            clusterStatus: REMOVE.to,
            phase: "removing",
            ...NO_REASON,
            statusChangedAt: at.toISOString(),
          },
        },
        all(exists, oneOf("clusterStatus", REMOVE.from)),
      ),
  ),
  delete: legal(
    {
      by: ["provider"],
      why: "Ends a cluster that is REMOVING, after all its other items.",
      unconditional:
        "From REMOVING no way leads back, and a cluster that is gone already is what was wanted.",
    },
    (uuid: string): Delete => ({ write: "delete", key: keyOf(uuid), condition: null }),
  ),
  deletePart: legal(
    {
      by: ["provider"],
      why: "Deletes an item of a cluster that is REMOVING, by its sort key, before META.",
      unconditional:
        "META forbids by then that anything of it is used; what an agent still writes goes with the next round.",
    },
    (uuid: string, sortKey: string): Delete => ({
      write: "delete",
      key: partitionKeyed(uuid, sortKey),
      condition: null,
    }),
  ),

  ...fleetWrites,
  ...parkWrites,
  ...resizeWrites,
  ...replacementWrites,

  observe: legal(
    {
      by: ["head"],
      why: "The head says what it sees. Not over a newer head's word, and not where the status or the desired size has moved since it was read: then it is to decide again.",
    },
    (uuid: string, { changes, seen }: Observation): Update =>
      update(
        keyOf(uuid),
        { set: changes },
        all(
          exists,
          atMost("leaseGeneration", changes.leaseGeneration),
          equal("clusterStatus", seen.clusterStatus),
          equal("desiredNodes", seen.desiredNodes),
        ),
      ),
  ),
  noteFiles: legal(
    {
      by: ["head"],
      why: "The head says what became of the folders, while they are to be emptied: a fleet that asks for nodes again has taken that back.",
    },
    (uuid: string, generation: number, note: FilesNote): Update =>
      update(
        keyOf(uuid),
        { set: note },
        all(equal("files", "to-empty"), atMost("leaseGeneration", generation)),
      ),
  ),
} as const;
