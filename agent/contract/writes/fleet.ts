import { clusterMove } from "../cluster-state.js";
import { META_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import { type Because, type ClusterReasonCode, NO_REASON } from "../reasons.js";
import type { ClusterItem, FleetClaim } from "../registry.js";
import { shrinksFrom } from "./resize.js";
import { absent, all, type Condition, equal, legal, oneOf, present, type Update, update } from "./write.js";

/** The fleet's owner that a write requires, and its owner after the write; `from` null: no owner. */
export interface ClaimChange {
  readonly from: string | null;
  /** Null: no owner. Absent: unchanged. */
  readonly to?: FleetClaim | null;
}

/** What a fleet asks for. `from`: how many instances its group is to have now. */
interface FleetSize {
  readonly nodes: number;
  readonly from: number;
}

type Move = ReturnType<typeof clusterMove>;

const isFleetOf = (owner: string | null): Condition =>
  owner === null ? absent("fleet") : equal(["fleet", "owner"], owner);
const mayMove = ({ from }: Move): Condition => oneOf("clusterStatus", from);

/** A change of an existing META, while the fleet is whose it has to be. */
function ofFleet(uuid: string, claim: ClaimChange, set: Partial<ClusterItem>, ...more: Condition[]): Update {
  const { from, to } = claim;
  // Whose resize it was is asked of the latest one alone.
  const remove = [
    ...(to === null ? ["fleet"] : []),
    ...("desiredNodes" in set ? ["resume", "resize"] : []),
    ...("desiredNodes" in set && set.shrinksFrom === undefined ? ["shrinksFrom"] : []),
  ];
  return update(
    partitionKeyed(uuid, META_SK),
    { set: { ...set, ...(to ? { fleet: to } : {}) }, remove },
    all(present(PARTITION_KEY), ...more, isFleetOf(from)),
  );
}

const RESIZE = clusterMove(["resize"]);
const FAIL = clusterMove(["fail"]);
/** Zero of zero nodes are ready, and a cluster without nodes is parked. */
const PARK = clusterMove(["ready", "park"]);

/** What META says while a fleet's nodes go. */
const draining = (at: Date): Partial<ClusterItem> => ({
  desiredNodes: 0,
  phase: "draining",
  ...NO_REASON,
  statusChangedAt: at.toISOString(),
  clusterStatus: RESIZE.to,
});

/** A cluster whose fleet was destroyed is PARKED in this phase. */
export const DRAINED_PHASE = "no-nodes";

/** The legal writes of `META` for the cluster's fleet: each says whose the fleet has to be. */
export const fleetWrites = {
  resize: legal(
    {
      by: ["provider"],
      why: "A fleet asks for its nodes, before the Auto Scaling group is changed; where it has more, the head ends them. Not of a cluster that is being removed, nor where the nodes are another fleet's.",
    },
    (uuid: string, { nodes: desiredNodes, from }: FleetSize, claim: ClaimChange, at: Date): Update =>
      ofFleet(
        uuid,
        claim,
        {
          desiredNodes,
          ...shrinksFrom(desiredNodes, from),
          files: "kept",
          phase: "waiting-for-nodes",
          ...NO_REASON,
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
      why: Because<ClusterReasonCode>,
      at: Date,
    ): Update =>
      ofFleet(
        uuid,
        { from: resize.owner },
        { ...why, statusChangedAt: at.toISOString(), clusterStatus: FAIL.to },
        equal("desiredNodes", resize.desiredNodes),
        mayMove(FAIL),
      ),
  ),
  claimFleet: legal(
    {
      by: ["provider"],
      why: "A fleet takes the nodes, or gives them up, and nothing else changes. Not where another fleet has taken them.",
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
        { ...draining(at), files: "to-empty", filesReasonCode: null, filesReason: null },
        mayMove(RESIZE),
      ),
  ),
  drain: legal(
    {
      by: ["provider"],
      why: "A fleet that goes says that no nodes shall be left, before any goes.",
    },
    (uuid: string, owner: string | null, at: Date): Update =>
      ofFleet(uuid, { from: owner }, draining(at), mayMove(RESIZE)),
  ),
  drainParked: legal(
    {
      by: ["provider"],
      why: "A parked cluster has no nodes to give up: its fleet alone goes, at once, so that no job gets it nodes again. It stays parked since when it was: a destroy that fails later does not make it look parked anew.",
    },
    (uuid: string, owner: string | null): Update =>
      ofFleet(
        uuid,
        { from: owner, to: null },
        { phase: DRAINED_PHASE, desiredNodes: 0 },
        equal("clusterStatus", "PARKED"),
        oneOf("phase", ["parked", DRAINED_PHASE]),
      ),
  ),
  park: legal(
    {
      by: ["provider"],
      why: "Every node is gone, and no head is left to write it. Not where nodes were requested since. No fleet owns the nodes after it.",
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
} as const;
