import { budgetHold } from "./budget.js";
import { isClosed } from "./cluster-state.js";
import type { NewEvent } from "./event.js";
import { bindingNotebooks, notebookRefusal } from "./notebook-binding.js";
import { type Because, because, type ClusterReasonCode } from "./reasons.js";
import type { ClusterItem, ClusterPark, JobItem } from "./registry.js";
import { clusterWrites } from "./writes/cluster.js";
import { closingRecords } from "./writes/usage.js";
import type { Update, Write } from "./writes/write.js";

/** What parking and resuming need: the agents, the provider and the commands have each their own. Calls throw where AWS does not answer. */
export interface ClusterControl {
  /** META as it is now: a consistent read. */
  readCluster(): Promise<ClusterItem | null>;
  /** False, and nothing written, where the write's condition did not hold. */
  perform(write: Update): Promise<boolean>;
  /** Sets how many instances the Auto Scaling group is to have. May run twice. */
  setSize(group: string, instances: number): Promise<void>;
  /** Adds to the cluster's history; it never fails. Called once for each change that this caller made. */
  note(event: NewEvent): void;
}
export interface ParkControl extends ClusterControl {
  /** As ClusterControl's, of the cluster's usage records too. */
  perform(write: Write): Promise<boolean>;
  /** The ids of the cluster's jobs that have not ended: of all its jobs, consistently read. */
  unendedJobs(): Promise<readonly string[]>;
}

/** What became of a park. `stopped`: a job had come, and the cluster keeps its nodes. `resumed`: another writer resumed it meanwhile. */
export type ParkOutcome =
  | { readonly is: "parked" }
  | { readonly is: "stopped"; readonly jobId: string }
  | { readonly is: "resumed" }
  | { readonly is: "gone" };

/** Of a cluster with a fleet: one whose fleet was destroyed is PARKED too. */
type ParkingCluster = ClusterItem & Required<Pick<ClusterItem, "fleet" | "park">>;
const isParking = (cluster: ClusterItem): cluster is ParkingCluster =>
  cluster.clusterStatus === "PARKED" &&
  cluster.phase === "parking" &&
  cluster.fleet !== undefined &&
  cluster.park !== undefined;

/** So often may another writer come in between. */
const ROUNDS = 10;

/**
 * Goes on with a park that has begun, from whichever step it is at, to its end. Any number may do so at once, and each may end between
 * any two steps: the next one goes on.
 *
 * Submitters put their job first and then look at META. So the look at the jobs, which comes after META says PARKED, sees the job, or
 * its submitter sees PARKED and resumes. Nodes that were given up never come back: a resume after that gets new ones.
 */
export async function continuePark(control: ParkControl, now: () => Date): Promise<ParkOutcome> {
  for (let round = 0; round < ROUNDS; round++) {
    const cluster = await control.readCluster();
    if (cluster === null || isClosed(cluster)) return { is: "gone" };
    if (cluster.clusterStatus !== "PARKED") return { is: "resumed" };
    if (!isParking(cluster)) return { is: "parked" };
    if (cluster.park.releasedAt === undefined) {
      const outcome = await lookAtJobs(cluster, control, now);
      if (outcome !== null) return outcome;
    } else if (await giveUpNodes(cluster, control)) return { is: "resumed" };
  }
  throw new Error(
    `The park of cluster ${(await control.readCluster())?.name} is written by others all the time.`,
  );
}

/** Null: look again. */
async function lookAtJobs(
  cluster: ParkingCluster,
  { perform, unendedJobs, note }: ParkControl,
  now: () => Date,
): Promise<ParkOutcome | null> {
  const [jobId] = await unendedJobs();
  if (jobId === undefined) {
    // Before any node goes. One that stands already stays as it is: another parker's.
    for (const record of closingRecords(cluster)) await perform(record);
    await perform(clusterWrites.releaseNodes(cluster, now()));
    return null;
  }
  const wanted = { nodes: cluster.park.nodes, by: `job ${jobId}` };
  if (!(await perform(clusterWrites.resume(cluster, wanted, now())))) return null;
  note({ code: "park-stopped", text: `job ${jobId} has come, so the cluster keeps its nodes` });
  return { is: "stopped", jobId };
}

/** True: it was resumed meanwhile, and this size may have come after the resumer's, so that is set again. */
async function giveUpNodes(
  cluster: ParkingCluster,
  { readCluster, perform, setSize, note }: ParkControl,
): Promise<boolean> {
  await setSize(cluster.fleet.group, 0);
  if (await perform(clusterWrites.endPark(cluster))) {
    note({ code: "parked", text: cluster.reason ?? "the cluster is parked" });
    return false;
  }
  const after = await readCluster();
  if (after?.fleet === undefined || after.clusterStatus === "PARKED" || isClosed(after)) return false;
  await setSize(after.fleet.group, after.desiredNodes);
  return true;
}

/**
 * What became of a resume. `held`: its budget is spent, so it gets none. `awake`: it has nodes, or they are asked for already. `no-fleet`: no
 * apply has given it any.
 */
export type ResumeOutcome =
  | { readonly is: "resumed" | "resuming"; readonly nodes: number }
  | { readonly is: "held"; readonly why: Because<"cluster-budget-spent"> }
  | { readonly is: "awake" | "no-fleet" | "closed" };

/**
 * Gives a cluster that is PARKED its nodes back: as many as were wanted before the park. `by`: who asks. May run twice, and at once:
 * where an earlier resume has ended before it set the group's size, this one does.
 */
export async function resumeCluster(
  control: ClusterControl,
  by: string,
  now: () => Date,
): Promise<ResumeOutcome> {
  for (let round = 0; round < ROUNDS; round++) {
    const cluster = await control.readCluster();
    if (cluster === null || isClosed(cluster)) return { is: "closed" };
    const { fleet, park, desiredNodes } = cluster;
    if (cluster.clusterStatus !== "PARKED") {
      const isUnheard = cluster.clusterStatus === "INPROGRESS" && cluster.knownNodes === 0;
      if (!isUnheard || cluster.resume === undefined || fleet === undefined) return { is: "awake" };
      await control.setSize(fleet.group, desiredNodes);
      return { is: "resuming", nodes: desiredNodes };
    }
    if (fleet === undefined || cluster.phase === "no-nodes") return { is: "no-fleet" };
    const hold = budgetHold(cluster, now());
    if (hold !== null) return { is: "held", why: hold };
    const nodes = park !== undefined && park.nodes > 0 ? park.nodes : fleet.nodes;
    if (!(await control.perform(clusterWrites.resume(cluster, { nodes, by }, now())))) continue;
    control.note({ code: "resumed", text: `${by} resumes the cluster with ${nodes} nodes`, by });
    await control.setSize(fleet.group, nodes);
    return { is: "resumed", nodes };
  }
  throw new Error("The cluster is written by others all the time.");
}

/** Admission's `wake`, for a job that was put: see job-admission.ts. */
export async function wakeForJob(
  control: ClusterControl,
  job: Pick<JobItem, "id" | "request" | "submittedBy">,
  now: () => Date,
): Promise<Because<"cluster-stays-parked" | "cluster-budget-spent" | "cluster-busy"> | null> {
  const cluster = await control.readCluster();
  const busy = cluster === null ? null : notebookRefusal(job, bindingNotebooks(cluster));
  if (busy !== null) return busy;
  const why = cluster === null ? null : parkedRefusal(cluster, now());
  if (why !== null) return why;
  if (cluster?.clusterStatus !== "PARKED" && cluster?.resume === undefined) return null;
  await resumeCluster(control, `job ${job.id}`, now);
  return null;
}

/** Why a job is not taken by a cluster that is parked and stays so, or is to park as its budget is spent; null: it is taken. Pure. */
export const parkedRefusal = (
  cluster: Pick<ClusterItem, "name" | "clusterStatus" | "resumeOnJob" | "budget" | "budgetUse">,
  now: Date,
): Because<"cluster-stays-parked" | "cluster-budget-spent"> | null => {
  const hold = budgetHold(cluster, now);
  if (hold !== null) return hold;
  return cluster.clusterStatus === "PARKED" && cluster.resumeOnJob === false
    ? because(
        "cluster-stays-parked",
        `cluster ${cluster.name} is parked, and a job does not resume it (resumeOnJob: false)`,
      )
    : null;
};

/** What a park of an awake cluster begins with. False: it is not awake, or not as it was seen. */
export async function beginPark(
  control: ClusterControl,
  seen: ClusterItem,
  why: Because<ClusterReasonCode>,
  now: () => Date,
): Promise<boolean> {
  const write = seen.clusterStatus === "INPROGRESS" ? clusterWrites.giveUpResume : clusterWrites.beginPark;
  if (!(await control.perform(write(seen, why, now())))) return false;
  control.note({ code: "park-begun", text: why.reason });
  return true;
}

/** How long a node that was given up may take to go. A clock that is wrong by less is of no consequence after it. */
const LEAVING_MS = 15 * 60_000;

/** Whether a node with that boot time is one that a park gave up, and is on its way out. Pure. */
export function isLeaving(park: ClusterPark | undefined, bootedAt: string | undefined, now: Date): boolean {
  if (park?.releasedAt === undefined || bootedAt === undefined) return false;
  const releasedMs = Date.parse(park.releasedAt);
  return Date.parse(bootedAt) < releasedMs && now.getTime() - releasedMs < LEAVING_MS;
}
