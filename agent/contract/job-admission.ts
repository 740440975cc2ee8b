import { isBefore } from "./job-wait.js";
import { clusterPk, QUEUE_INDEX } from "./keys.js";
import { type Because, because } from "./reasons.js";
import type { JobItem } from "./registry.js";

/** How many jobs may wait on a cluster. A soft limit: submits at the same time may exceed it by their number. */
export const MAX_WAITING_JOBS = 1_000;

/** A job in the queue, as admission sees it. */
export type QueuedPlace = Pick<JobItem, "id" | "status" | "submittedAt">;
const PLACE = ["id", "status", "submittedAt"] as const satisfies readonly (keyof QueuedPlace)[];

/**
 * The query of a cluster's jobs that have not ended, the oldest first, with as much of each as admission needs; but for the table's
 * name. One page has all that matters: no more jobs wait than may.
 */
export const placesQuery = (clusterUuid: string) => ({
  IndexName: QUEUE_INDEX.name,
  KeyConditionExpression: "#queue = :queue",
  ProjectionExpression: PLACE.map((name) => `#${name}`).join(", "),
  ExpressionAttributeNames: {
    "#queue": QUEUE_INDEX.hashKey,
    ...Object.fromEntries(PLACE.map((name) => [`#${name}`, name])),
  },
  ExpressionAttributeValues: { ":queue": clusterPk(clusterUuid) },
  Limit: MAX_WAITING_JOBS + 1,
});

/** The way in that a job is submitted through. Calls throw where the registry does not answer. */
export interface Admission {
  /** The cluster's jobs that have not ended; may lag behind by moments. */
  queue(): Promise<readonly QueuedPlace[]>;
  read(jobId: string): Promise<JobItem | null>;
  /** Puts a new job; false if one with that id exists. */
  submit(job: JobItem): Promise<boolean>;
  /** Ends a job that no head has claimed as FAILED; false where it is no longer NEW. */
  refuse(job: JobItem, why: Because<RefusalCode>, now: Date): Promise<boolean>;
  /**
   * Gives a cluster that is PARKED its nodes back, for a job that was just put: the cluster is read consistently, after the put. Gives why
   * it does not, or which notebook a job that does not wait would wait for; null: the job can run. May run twice.
   */
  wake(job: JobItem): Promise<Because<Exclude<RefusalCode, "queue-full">> | null>;
}
export type RefusalCode = "cluster-busy" | "queue-full" | "cluster-stays-parked" | "cluster-budget-spent";

/** The jobs of every cluster of an org, as the provider and the commands have them. */
interface JobsOfClusters extends Pick<Admission, "submit" | "refuse" | "wake"> {
  queue(clusterUuid: string): Promise<readonly QueuedPlace[]>;
  read(clusterUuid: string, jobId: string): Promise<JobItem | null>;
}

/** The way into one cluster. Pure. */
export const wayInto = (
  clusterUuid: string,
  { queue, read, submit, refuse, wake }: JobsOfClusters,
): Admission => ({
  queue: () => queue(clusterUuid),
  read: (jobId) => read(clusterUuid, jobId),
  submit,
  refuse,
  wake,
});

/** `new`: it was put. `known`: the key's job was there before. `refused`: it does not run. `isPut`: it is in the registry, FAILED. */
export type Admitted =
  | { readonly is: "new"; readonly job: JobItem }
  | { readonly is: "known"; readonly job: JobItem }
  | { readonly is: "gone" }
  | { readonly is: "refused"; readonly why: Because<RefusalCode>; readonly isPut: boolean };

/**
 * Submits a job: the same rules for every way in. A job that was put before is found whatever the queue looks like. `ifBusy: refuse`
 * is checked twice, because the queue that is read lags behind: before the put, and after it against the jobs that were before;
 * where even that misses one, the head ends the job instead of running it late (agent/jobs/busy.ts). `seen`: the queue as it was just
 * read. Last it sees that the cluster has nodes, or gets them: also for a job of before that has not ended, whose submitter may have ended
 * in between. May run twice, and at once.
 */
export async function admit(
  job: JobItem,
  { queue, read, submit, refuse, wake }: Admission,
  now: () => Date,
  seen?: readonly QueuedPlace[],
): Promise<Admitted> {
  const known = async (): Promise<Admitted | null> => {
    const before = await read(job.id);
    if (before === null) return null;
    if (LIVE.includes(before.status)) await wake(before);
    return { is: "known", job: before };
  };
  const refused = async (why: Because<RefusalCode> | null): Promise<Admitted> =>
    why === null || !(await refuse(job, why, now()))
      ? { is: "new", job }
      : { is: "refused", why, isPut: true };
  const refusal = refusalOf(job, seen ?? (await queue()));
  if (refusal !== null) return (await known()) ?? { is: "refused", why: refusal, isPut: false };
  if (!(await submit(job))) return (await known()) ?? { is: "gone" };
  const first = job.request.ifBusy === "refuse" ? jobBefore(job, await queue()) : null;
  return refused(first === null ? await wake(job) : busyWith(first));
}

const LIVE: readonly JobItem["status"][] = ["NEW", "INPROGRESS"];

/** Why a job that is not in the queue may not enter it; null: it may. Pure. */
export function refusalOf(
  { id, request }: Pick<JobItem, "id" | "request">,
  queue: readonly QueuedPlace[],
): Because<RefusalCode> | null {
  // Anything can be written into the table by hand: only what is a job's counts.
  const others = queue.filter((other) => other.id !== id && LIVE.includes(other.status));
  const [first] = others;
  if (first !== undefined && request.ifBusy === "refuse") return busyWith(first);
  const waiting = others.filter(({ status }) => status === "NEW").length;
  if (waiting < MAX_WAITING_JOBS) return null;
  return because("queue-full", `${waiting} jobs wait on the cluster, and ${MAX_WAITING_JOBS} may`);
}

/** The job that is before a new one in the queue; of two that were submitted at the same time, one is before the other. Pure. */
export function jobBefore(
  job: Pick<JobItem, "id" | "submittedAt">,
  queue: readonly QueuedPlace[],
): QueuedPlace | null {
  const isAhead = (other: QueuedPlace) =>
    other.status === "INPROGRESS" || (other.status === "NEW" && isBefore(other, job));
  return queue.find((other) => other.id !== job.id && isAhead(other)) ?? null;
}

/** The reason of a job that does not wait for another. Pure. */
export const busyWith = ({ id, status }: Pick<QueuedPlace, "id" | "status">): Because<"cluster-busy"> =>
  because(
    "cluster-busy",
    `the cluster has job ${id} (${status}), and this one does not wait (ifBusy: refuse)`,
  );

/** What submitters' keys may not begin with: Muster's own jobs have keys that follow from their definition. */
const RESERVED_KEY = /^(?:definition|schedule):/;

/** An idempotency key that a person or a program gives, completing "it ...". */
export const keyProblem = (key: string): string | null =>
  RESERVED_KEY.test(key)
    ? "can't begin with definition: or schedule:, which jobs of definitions begin with"
    : null;
