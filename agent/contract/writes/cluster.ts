import { clusterMove } from "../cluster-state.js";
import { META_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import type { ClusterItem, FleetClaim } from "../registry.js";
import {
  absent,
  all,
  atMost,
  type Condition,
  type Delete,
  equal,
  type Key,
  legal,
  oneOf,
  type Put,
  present,
  type Update,
  update,
} from "./write.js";

/** Whose the fleet has to be for a write, and whose it is after it; `from` null: nobody's. */
export interface ClaimChange {
  readonly from: string | null;
  /** Null: nobody's. Left out: as it is. */
  readonly to?: FleetClaim | null;
}

/** What the head sees: `changes` to set, of the status and the desired size as they were `seen`. */
export interface Observation {
  readonly changes: Partial<ClusterItem> & { readonly leaseGeneration: number };
  readonly seen: Pick<ClusterItem, "clusterStatus" | "desiredNodes">;
}

/** What became of the cluster's files. `filesReason`: what keeps the folders from being emptied. */
export type FilesNote = {
  readonly files: "to-empty" | "emptied";
  readonly filesReason: string | null;
};

type Move = ReturnType<typeof clusterMove>;

const keyOf = (uuid: string): Key => partitionKeyed(uuid, META_SK);
const exists = present(PARTITION_KEY);
const isFleetOf = (owner: string | null): Condition =>
  owner === null ? absent("fleet") : equal(["fleet", "owner"], owner);
const mayMove = ({ from }: Move): Condition => oneOf("clusterStatus", from);

/** A change of an existing META, while the fleet is whose it has to be. */
function ofFleet(uuid: string, claim: ClaimChange, set: Partial<ClusterItem>, ...more: Condition[]): Update {
  const { from, to } = claim;
  return update(
    keyOf(uuid),
    { set: { ...set, ...(to ? { fleet: to } : {}) }, remove: to === null ? ["fleet"] : [] },
    all(exists, ...more, isFleetOf(from)),
  );
}

const RESIZE = clusterMove(["resize"]);
const FAIL = clusterMove(["fail"]);
const REMOVE = clusterMove(["remove"]);
/** Nought of nought nodes are ready, and a cluster without nodes is parked. */
const PARK = clusterMove(["ready", "park"]);

/** A cluster whose fleet was destroyed is PARKED in this phase. */
export const DRAINED_PHASE = "no-nodes";

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
    (uuid: string, set: Pick<ClusterItem, "idleTimeoutMinutes" | "tags">): Update =>
      update(keyOf(uuid), { set }, exists),
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
            reason: null,
            statusChangedAt: at.toISOString(),
          },
        },
        all(exists, mayMove(REMOVE)),
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

  resize: legal(
    {
      by: ["provider"],
      why: "A fleet asks for its nodes, before the Auto Scaling group is changed. Not of a cluster that is being removed, nor where the nodes are another fleet's.",
    },
    (uuid: string, desiredNodes: number, claim: ClaimChange, at: Date): Update =>
      ofFleet(
        uuid,
        claim,
        {
          desiredNodes,
          files: "kept",
          phase: "waiting-for-nodes",
          reason: null,
          statusChangedAt: at.toISOString(),
          clusterStatus: RESIZE.to,
        },
        mayMove(RESIZE),
      ),
  ),
  failResize: legal(
    {
      by: ["provider"],
      why: "A resize has run out of time. Only while the cluster still waits for this very resize: else its state is somebody else's to say.",
    },
    (
      uuid: string,
      resize: { readonly desiredNodes: number; readonly owner: string },
      reason: string,
      at: Date,
    ): Update =>
      ofFleet(
        uuid,
        { from: resize.owner },
        { reason, statusChangedAt: at.toISOString(), clusterStatus: FAIL.to },
        equal("desiredNodes", resize.desiredNodes),
        mayMove(FAIL),
      ),
  ),
  claimFleet: legal(
    {
      by: ["provider"],
      why: "The nodes become a fleet's, or nobody's, and nothing else changes; not where another fleet has taken them.",
    },
    (uuid: string, claim: ClaimChange & { readonly to: FleetClaim | null }): Update =>
      ofFleet(uuid, claim, {}),
  ),
  emptyFiles: legal(
    {
      by: ["provider"],
      why: "A fleet that goes for good asks the head to empty the cluster's folders while nodes are there, and to start no new job.",
    },
    (uuid: string, owner: string | null, at: Date): Update =>
      ofFleet(
        uuid,
        { from: owner },
        {
          desiredNodes: 0,
          phase: "draining",
          reason: null,
          statusChangedAt: at.toISOString(),
          files: "to-empty",
          filesReason: null,
          clusterStatus: RESIZE.to,
        },
        mayMove(RESIZE),
      ),
  ),
  drain: legal(
    {
      by: ["provider"],
      why: "A fleet that goes says that no nodes shall be left, before any goes.",
    },
    (uuid: string, owner: string | null, at: Date): Update =>
      ofFleet(
        uuid,
        { from: owner },
        {
          desiredNodes: 0,
          phase: "draining",
          reason: null,
          statusChangedAt: at.toISOString(),
          clusterStatus: RESIZE.to,
        },
        mayMove(RESIZE),
      ),
  ),
  park: legal(
    {
      by: ["provider"],
      why: "Every node is gone, and no head is left to write it. Not where nodes were asked for meanwhile; the fleet is nobody's after it.",
    },
    (uuid: string, owner: string | null, at: Date): Update =>
      ofFleet(
        uuid,
        { from: owner, to: null },
        {
          phase: DRAINED_PHASE,
          knownNodes: 0,
          readyNodes: 0,
          busy: false,
          hostfileNodes: 0,
          cores: 0,
          headInstanceId: null,
          statusChangedAt: at.toISOString(),
          clusterStatus: PARK.to,
        },
        equal("desiredNodes", 0),
        mayMove(PARK),
      ),
  ),

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
