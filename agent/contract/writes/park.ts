import type { ClusterActivity } from "../activity.js";
import type { BudgetUse } from "../budget.js";
import { type ClusterStatus, clusterMove, LISTED_STATUSES } from "../cluster-state.js";
import { META_SK, PARTITION_KEY, partitionKeyed } from "../keys.js";
import { type Because, type ClusterReasonCode, NO_REASON } from "../reasons.js";
import type { ClusterItem, ClusterPark } from "../registry.js";
import { closedUsage } from "../usage.js";
import {
  absent,
  all,
  atMost,
  type Condition,
  equal,
  type Key,
  legal,
  oneOf,
  present,
  type Update,
  update,
} from "./write.js";

/** META as it was read, as far as a park or a resume depends on it. */
export type ParkSeen = Pick<
  ClusterItem,
  | "uuid"
  | "clusterStatus"
  | "phase"
  | "desiredNodes"
  | "leaseGeneration"
  | "park"
  | "keepAliveUntil"
  | "usage"
>;

const keyOf = (uuid: string): Key => partitionKeyed(uuid, META_SK);
const PARK = clusterMove(["park"]);
/** A resume that got too few nodes has failed, and is parked in the same write. */
const GIVE_UP = clusterMove(["fail", "park"]);
const RESUME = clusterMove(["resize"]);
/** Where a keep-alive helps: not where the nodes go, or are gone. */
const AWAKE: readonly ClusterStatus[] = LISTED_STATUSES.filter(
  (status) => status !== "REMOVING" && status !== "PARKED",
);

const isKeptUntil = (seen: string | undefined): Condition =>
  seen === undefined ? absent("keepAliveUntil") : equal("keepAliveUntil", seen);

/** The write ends what is open, so it must be what is open then. */
const isOpenUsage = (seen: ParkSeen["usage"]): Condition => {
  const since = ["usage", "open", "since"] as const;
  return seen?.open == null ? absent(since) : equal(since, seen.open.since);
};

/** What the cluster has used by its park: nothing is used after it, whatever becomes of who parks it. */
function usageAtPark({ usage }: ParkSeen, at: Date): Pick<ClusterItem, "usage"> {
  if (usage === undefined) return {};
  return { usage: closedUsage(usage, { clusterStatus: PARK.to, statusChangedAt: at.toISOString() }) };
}

/** Of this very park, while it goes on. A head's newer word, or a newer head's, is not overruled. */
const isThisPark = (
  { park, leaseGeneration }: ParkSeen,
  phases: readonly ClusterItem["phase"][],
): Condition =>
  all(
    equal("clusterStatus", "PARKED"),
    oneOf("phase", phases),
    atMost("leaseGeneration", leaseGeneration),
    park === undefined ? absent("park") : equal(["park", "at"], park.at),
  );

const begin = (
  seen: ParkSeen,
  from: readonly ClusterStatus[],
  why: Because<ClusterReasonCode>,
  at: Date,
): Update =>
  update(
    keyOf(seen.uuid),
    {
      set: {
        clusterStatus: PARK.to,
        phase: "parking",
        ...why,
        statusChangedAt: at.toISOString(),
        desiredNodes: 0,
        park: { at: at.toISOString(), nodes: seen.desiredNodes } satisfies ClusterPark,
        ...usageAtPark(seen, at),
        leaseGeneration: seen.leaseGeneration,
      },
      remove: ["shrinksFrom"],
    },
    all(
      present(PARTITION_KEY),
      present("fleet"),
      oneOf("clusterStatus", from),
      equal("clusterStatus", seen.clusterStatus),
      equal("desiredNodes", seen.desiredNodes),
      // A keep-alive that came meanwhile counts.
      isKeptUntil(seen.keepAliveUntil),
      isOpenUsage(seen.usage),
      atMost("leaseGeneration", seen.leaseGeneration),
    ),
  );

/**
 * The legal writes of `META` for parking and resuming. A person's command makes them as a head does, under the generation that it read:
 * where another head came in between, it reads again.
 */
export const parkWrites = {
  beginPark: legal(
    {
      by: ["head", "submitter"],
      why: "The cluster is to lose its nodes, and none has gone. A submitter of a job after it finds the cluster PARKED, and resumes it. Not where the status or the size has moved since it was read.",
    },
    (seen: ParkSeen, why: Because<ClusterReasonCode>, at: Date): Update => begin(seen, PARK.from, why, at),
  ),
  giveUpResume: legal(
    {
      by: ["head", "submitter"],
      why: "A resumed cluster did not get its nodes in time, or is wanted no more: what there is of them goes again. Not where another size was asked for meanwhile.",
    },
    (seen: ParkSeen, why: Because<ClusterReasonCode>, at: Date): Update => begin(seen, GIVE_UP.from, why, at),
  ),
  releaseNodes: legal(
    {
      by: ["head", "submitter"],
      why: "A look at the jobs, after the park began, has found none: from here on the park's nodes are given up, whatever becomes of the cluster. Before the group's size is set.",
    },
    (seen: ParkSeen & { readonly park: ClusterPark }, at: Date): Update =>
      update(
        keyOf(seen.uuid),
        {
          set: {
            park: { ...seen.park, releasedAt: at.toISOString() },
            leaseGeneration: seen.leaseGeneration,
          },
        },
        all(isThisPark(seen, ["parking"]), absent(["park", "releasedAt"])),
      ),
  ),
  endPark: legal(
    {
      by: ["head", "submitter"],
      why: "The group has been asked to end the nodes: the cluster has none from here on. Not where it was resumed meanwhile.",
    },
    (seen: ParkSeen): Update =>
      update(
        keyOf(seen.uuid),
        {
          set: {
            phase: "parked",
            knownNodes: 0,
            readyNodes: 0,
            busy: false,
            hostfileNodes: 0,
            cores: 0,
            headInstanceId: null,
            leaseGeneration: seen.leaseGeneration,
          },
        },
        all(isThisPark(seen, ["parking"]), present(["park", "releasedAt"])),
      ),
  ),
  resume: legal(
    {
      by: ["head", "submitter"],
      why: "A parked cluster, or one that is being parked, gets its nodes back: before the group's size is set, so that a head that sees new instances knows how many there must be. Not one whose fleet was destroyed.",
    },
    (seen: ParkSeen, { nodes, by }: ResumeWanted, at: Date): Update =>
      update(
        keyOf(seen.uuid),
        {
          set: {
            clusterStatus: RESUME.to,
            phase: "waiting-for-nodes",
            ...NO_REASON,
            statusChangedAt: at.toISOString(),
            desiredNodes: nodes,
            resume: { at: at.toISOString(), by },
            leaseGeneration: seen.leaseGeneration,
          },
        },
        all(present("fleet"), isThisPark(seen, ["parking", "parked"])),
      ),
  ),
  keepAlive: legal(
    {
      by: ["submitter"],
      why: "The cluster is to stay awake until a moment. Two at once: the later one reads again, so that neither shortens the other's.",
    },
    (uuid: string, until: Date, seen: string | undefined): Update =>
      update(
        keyOf(uuid),
        { set: { keepAliveUntil: until.toISOString() } },
        all(present(PARTITION_KEY), oneOf("clusterStatus", AWAKE), isKeptUntil(seen)),
      ),
  ),
  noteBudget: legal(
    {
      by: ["head"],
      why: "The head says what of the month's budget the cluster has used, so that a program that would give it nodes knows too. Not over a newer head's word.",
    },
    (uuid: string, leaseGeneration: number, budgetUse: BudgetUse): Update =>
      update(
        keyOf(uuid),
        { set: { budgetUse } },
        all(present(PARTITION_KEY), atMost("leaseGeneration", leaseGeneration)),
      ),
  ),
  noteActivity: legal(
    {
      by: ["head"],
      why: "The head says what it saw of the cluster's activity, so that the next one counts on from there. Not over a newer head's word.",
    },
    (uuid: string, leaseGeneration: number, activity: ClusterActivity): Update =>
      update(
        keyOf(uuid),
        { set: { activity } },
        all(present(PARTITION_KEY), atMost("leaseGeneration", leaseGeneration)),
      ),
  ),
} as const;

/** What a resume asks for. `by`: who, an ARN or "job <id>". */
export interface ResumeWanted {
  readonly nodes: number;
  readonly by: string;
}
