import { type Static, Type } from "@sinclair/typebox";
import { MAX_USAGE_NODES, NodeUsage } from "./job-usage.js";
import { JobItem } from "./registry.js";

/** What JOB says of its current or last attempt: one read shows a job, with how it runs or ended. */
const FACTS = [
  "status",
  "phase",
  "reasonCode",
  "reason",
  "failedNode",
  "leftOut",
  "phaseTimes",
  "startedAt",
  "endedAt",
  "launchedOn",
  "ranks",
  "usage",
  "exitCode",
  "lastLines",
  "logPrefix",
  "logState",
  "logReasonCode",
  "logReason",
] as const;
export type AttemptFacts = Pick<JobItem, (typeof FACTS)[number]>;

/**
 * `ATTEMPT#<job>#<n>`: one execution of a job; each attribute means what JobItem's of that name does. As in AWS Batch's
 * DescribeJobs, where a job has the facts of its last attempt and lists all of them under `attempts`. It is there from the
 * launch on, or from the end of an attempt that ended before. The head writes it, from what it writes of the job: see
 * attemptOf. Its status is never NEW; once it is final only the log's place changes.
 */
export const AttemptItem = Type.Composite([
  Type.Object({ jobId: Type.String(), number: Type.Integer({ description: "from 1" }) }),
  Type.Object({
    usageByNode: Type.Optional(
      Type.Array(NodeUsage, {
        maxItems: MAX_USAGE_NODES,
        description: "in the job's item there is the whole",
      }),
    ),
  }),
  Type.Pick(JobItem, ["clusterUuid", ...FACTS, "log", "leaseGeneration"]),
]);
export type AttemptItem = Static<typeof AttemptItem>;

/** What the job, or the record of an attempt, says of the execution. Pure. */
export const factsOf = (from: AttemptFacts): AttemptFacts =>
  Object.fromEntries(FACTS.map((name) => [name, from[name]])) as unknown as AttemptFacts;

/** The record of the job's current attempt, or null: it has none. All of it follows from the job. Pure. */
export function attemptOf(job: JobItem): AttemptItem | null {
  const { id: jobId, clusterUuid, attempt: number, log, leaseGeneration } = job;
  return number === null ? null : { jobId, number, clusterUuid, ...factsOf(job), log, leaseGeneration };
}
