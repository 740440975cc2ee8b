import type { AttemptFacts } from "../job-attempt.js";
import { isJobEnded, nextJobStatus } from "../job-state.js";
import { clusterPk, jobSk, PARTITION_KEY, partitionKeyed, QUEUE_INDEX } from "../keys.js";
import type { Because, JobReasonCode } from "../reasons.js";
import type { JobItem } from "../registry.js";
import {
  absent,
  all,
  any,
  atMost,
  type Condition,
  equal,
  isWritableByHead,
  type Key,
  legal,
  type Put,
  present,
  type Update,
  update,
} from "./write.js";

/** What a head writes of a job. A final status also takes it out of the queue. */
export type JobChange = Partial<
  AttemptFacts & Pick<JobItem, "attempt" | "claimedAt" | "retryAt" | "sourceVersion" | "sourceFolder" | "log">
>;
/** The result of an ended job's log. */
export type LogChange = Pick<JobItem, "logState" | "logReasonCode" | "logReason"> &
  Partial<Pick<JobItem, "log">>;

/** A job by its place. */
export type JobPlace = Pick<JobItem, "clusterUuid" | "id">;

const QUEUE = QUEUE_INDEX.hashKey;
const keyOf = ({ clusterUuid, id }: JobPlace): Key => partitionKeyed(clusterUuid, jobSk(id));
const isStatus = (status: JobItem["status"]): Condition => equal("status", status);

/** What has no phase times is no job, and the head sets it aside. */
function endQueued(job: JobPlace, status: JobItem["status"], why: Because<JobReasonCode>, at: Date): Update {
  const endedAt = at.toISOString();
  const set = { status, phase: "ended", ...why, endedAt } satisfies JobChange;
  const within = { phaseTimes: { ended: endedAt } satisfies JobItem["phaseTimes"] };
  return update(keyOf(job), { set, within, remove: [QUEUE] }, all(isStatus("NEW"), present("phaseTimes")));
}
const claimedBy = (leaseGeneration: number) => ({
  status: nextJobStatus("NEW", "claim"),
  leaseGeneration,
});

/** The legal writes of `JOB#<id>`. */
export const jobWrites = {
  submit: legal(
    {
      by: ["submitter"],
      why: "A new job enters the queue. Its id follows from its idempotency key, so that a second submit under one key finds the first job and changes nothing.",
    },
    (job: JobItem): Put => ({
      write: "put",
      key: keyOf(job),
      item: { ...job, [QUEUE]: clusterPk(job.clusterUuid) },
      condition: absent(PARTITION_KEY),
    }),
  ),
  submitClaimed: legal(
    {
      by: ["head"],
      why: "A head that has nothing else to do gets a new job from its submitter: it enters the queue as claimed, with what is planned of its launch. As with submit, a second one under the same key changes nothing.",
    },
    (job: JobItem, generation: number, plan: JobChange): Put => ({
      write: "put",
      key: keyOf(job),
      item: { ...job, ...plan, ...claimedBy(generation), [QUEUE]: clusterPk(job.clusterUuid) },
      condition: absent(PARTITION_KEY),
    }),
  ),
  cancelQueued: legal(
    {
      by: ["submitter"],
      why: "A job that no head has claimed ends at once and leaves the queue. One that was claimed meanwhile is the head's to end.",
    },
    (job: JobPlace, why: Because<JobReasonCode>, at: Date): Update =>
      endQueued(job, nextJobStatus("NEW", "cancel"), why, at),
  ),
  refuse: legal(
    {
      by: ["submitter"],
      why: "A job that does not wait ends at once where another was before it, and leaves the queue. One that was claimed meanwhile runs.",
    },
    (job: JobPlace, why: Because<JobReasonCode>, at: Date): Update =>
      endQueued(job, nextJobStatus("NEW", "fail"), why, at),
  ),
  requestCancel: legal(
    {
      by: ["submitter"],
      why: "Asks the head to end a running job, for a reason of its own where one is given. One that has ended stays as it is.",
    },
    (job: JobPlace, cancelBecause: Because<JobReasonCode> | null = null): Update => {
      const why = cancelBecause === null ? {} : { cancelBecause };
      return update(keyOf(job), { set: { cancelRequested: true, ...why } }, isStatus("INPROGRESS"));
    },
  ),
  claim: legal(
    {
      by: ["head"],
      why: "A head takes a new job, or one that an earlier head left in progress; never one that has ended, or that a newer head has.",
    },
    (job: JobPlace, generation: number): Update =>
      update(
        keyOf(job),
        { set: claimedBy(generation) },
        any(isStatus("NEW"), all(isStatus("INPROGRESS"), atMost("leaseGeneration", generation))),
      ),
  ),
  claimPlanned: legal(
    {
      by: ["head"],
      why: "A head takes a new job and says what is planned of its launch, at once; never a job that an earlier head has begun with.",
    },
    (job: JobPlace, generation: number, plan: JobChange): Update =>
      update(
        keyOf(job),
        { set: { ...plan, ...claimedBy(generation) } },
        all(isStatus("NEW"), atMost("leaseGeneration", generation)),
      ),
  ),
  advance: legal(
    {
      by: ["head"],
      why: "The head that claimed a job says how far it is. Nothing is written once another head has claimed it, or once it has ended: the first end wins.",
    },
    (job: JobPlace, generation: number, change: JobChange): Update =>
      update(
        keyOf(job),
        {
          set: change,
          remove: change.status !== undefined && isJobEnded(change.status) ? [QUEUE] : [],
        },
        all(isStatus("INPROGRESS"), equal("leaseGeneration", generation)),
      ),
  ),
  noteLog: legal(
    {
      by: ["head"],
      why: "Says what became of the log of the job's last attempt, while it is pending: a log that is delivered or lost stays so, whichever head had it. That of an earlier attempt is none of the job's.",
    },
    (job: JobPlace, attempt: number, change: LogChange): Update =>
      update(keyOf(job), { set: change }, all(equal("attempt", attempt), equal("logState", "pending"))),
  ),
  setAside: legal(
    {
      by: ["head"],
      why: "Ends an item of the queue that is no job, for somebody wrote it by hand. Nothing can be relied on of it but its key and that it is queued; where it has a generation, that is not to be a newer head's.",
    },
    (
      clusterUuid: string,
      sortKey: string,
      generation: number,
      end: Pick<JobItem, "reasonCode" | "reason" | "endedAt">,
    ): Update =>
      update(
        partitionKeyed(clusterUuid, sortKey),
        {
          set: { status: "FAILED", phase: "ended", leaseGeneration: generation, ...end },
          remove: [QUEUE],
        },
        all(present(QUEUE), isWritableByHead(generation)),
      ),
  ),
} as const;
