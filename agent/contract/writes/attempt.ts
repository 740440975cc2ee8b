import type { AttemptItem } from "../job-attempt.js";
import { isJobEnded, JOB_STATUSES } from "../job-state.js";
import { attemptSk, partitionKeyed } from "../keys.js";
import type { LogChange } from "./job.js";
import {
  all,
  equal,
  isWritableByHead,
  type Key,
  legal,
  not,
  oneOf,
  type Put,
  type Update,
  update,
} from "./write.js";

/** An attempt by its place. */
export type AttemptPlace = Pick<AttemptItem, "clusterUuid" | "jobId" | "number">;

const FINAL = JOB_STATUSES.filter(isJobEnded);
const keyOf = ({ clusterUuid, jobId, number }: AttemptPlace): Key =>
  partitionKeyed(clusterUuid, attemptSk(jobId, number));

/** The legal writes of `ATTEMPT#<job>#<n>`. */
export const attemptWrites = {
  record: legal(
    {
      by: ["head"],
      why: "The head that runs a job writes the whole record of its attempt: at the launch, when it runs, when it has ended, and when the head takes it up, so that what an earlier head could not write is there. Not over a newer head's word, and never over an end: the first end wins.",
    },
    (attempt: AttemptItem): Put => ({
      write: "put",
      key: keyOf(attempt),
      item: attempt,
      condition: all(not(oneOf("status", FINAL)), isWritableByHead(attempt.leaseGeneration)),
    }),
  ),
  noteLog: legal(
    {
      by: ["head"],
      why: "Says what became of an ended attempt's log, while it is pending: a log that is delivered or lost stays so, whichever head had it.",
    },
    (attempt: AttemptPlace, change: LogChange): Update =>
      update(keyOf(attempt), { set: change }, equal("logState", "pending")),
  ),
} as const;
