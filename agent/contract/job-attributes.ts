import type { JobDefinitionItem, JobItem } from "./job-items.js";

/** Each of a type's names: the compiler says which one is missing, and which is none. */
const namesOf = <T extends object>(names: Readonly<Record<keyof T, true>>): readonly string[] =>
  Object.keys(names);

/*
 * What a list reads of each item. Written out, and not taken from the schemas: who only lists would load and make all of them, which takes as
 * much CPU time as Node.js's start.
 */

/** A job's attributes but `request`, whose script may be long. */
export const JOB_STATE_ATTRIBUTES = namesOf<Omit<JobItem, "request">>({
  id: true,
  clusterUuid: true,
  idempotencyKey: true,
  definition: true,
  status: true,
  phase: true,
  reasonCode: true,
  reason: true,
  failedNode: true,
  leftOut: true,
  submittedBy: true,
  submittedAt: true,
  slot: true,
  sourceVersion: true,
  sourceFolder: true,
  retryAt: true,
  claimedAt: true,
  attempt: true,
  phaseTimes: true,
  startedAt: true,
  endedAt: true,
  launchedOn: true,
  ranks: true,
  usage: true,
  exitCode: true,
  lastLines: true,
  logPrefix: true,
  log: true,
  logState: true,
  logReasonCode: true,
  logReason: true,
  cancelRequested: true,
  cancelBecause: true,
  leaseGeneration: true,
});

/** A job definition's attributes but `request`, and but `triggers`, which may be long too. */
export const DEFINITION_STATE_ATTRIBUTES = namesOf<Omit<JobDefinitionItem, "request" | "triggers">>({
  id: true,
  owner: true,
  clusterUuid: true,
  name: true,
  revision: true,
  run: true,
  schedule: true,
  createdAt: true,
  updatedAt: true,
});
