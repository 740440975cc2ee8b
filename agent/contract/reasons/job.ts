import type { ReasonEntry } from "./reason.js";

/** Why a job ended whatever its attempts were, and what is wrong with its log. */
export const JOB_REASONS = {
  "cancelled-on-request": {
    about: "job",
    meaning: "A person or a program asked for the job to be cancelled.",
    retry: "never",
    next: "Submit it again if that was a mistake.",
  },
  "cancelled-with-definition": {
    about: "job",
    meaning: "The job waited in the queue when its definition was destroyed.",
    retry: "never",
    next: "Apply a configuration with the definition, or submit the job without one.",
  },
  "job-timed-out": {
    about: "job",
    meaning: "The job's attempts and the pauses between them took longer than the whole job may.",
    retry: "never",
    next: "Give the job more time (jobTimeoutSeconds), or look in its attempts (muster job show) where the time went.",
  },
  "replaced-by-schedule": {
    about: "job",
    meaning: "The definition's schedule had its next slot before the job ended, and says replace.",
    retry: "never",
    next: "Leave more time between the slots, or set the schedule's ifRunning to skip or queue.",
  },
  "cluster-busy": {
    about: "job",
    meaning: "The job does not wait (ifBusy: refuse), and the cluster had another job.",
    retry: "later",
    next: "Submit it again under another key when the cluster is free, or let it queue.",
  },
  "cluster-stays-parked": {
    about: "job",
    meaning: "The cluster is parked, and its jobs do not resume it (resumeOnJob: false).",
    retry: "later",
    next: "Resume the cluster (muster cluster resume), and submit the job again under another key.",
  },
  "cluster-budget-spent": {
    about: "job",
    meaning: "The cluster has used all that it may use this month, so it takes no job.",
    retry: "later",
    next: "Give the cluster a higher budget (budget in muster.yaml) and apply, or wait for the next month (UTC); then submit the job again under another key.",
  },
  "cluster-not-resumed": {
    about: "job",
    meaning:
      "The job waited for a parked cluster's nodes, and not all of them came in time. Nothing of it ran.",
    retry: "later",
    next: "Look at the Auto Scaling group's activities for the cause, such as missing capacity, and submit the job again.",
  },
  "queue-full": {
    about: "job",
    meaning: "As many jobs wait on the cluster as may wait.",
    retry: "later",
    next: "Submit it again when jobs have ended, or cancel some that wait.",
  },
  "job-request-invalid": {
    about: "job",
    meaning: "The job's request is not one that can be run.",
    retry: "never",
    next: "Correct every field that the reason names, and submit another job.",
  },
  "job-item-unreadable": {
    about: "job",
    meaning: "The job's item in the registry is not one that this version can read.",
    retry: "never",
    next: "Submit the job again under another key; delete the item if it is in the way.",
  },
  "log-lost": {
    about: "job",
    meaning: "The job's output is no longer in the cluster's records, so its log can't be delivered.",
    retry: "never",
    next: "Read the job's last lines, and submit the job again if you need the log.",
  },
  "log-refused": {
    about: "job",
    meaning: "The log bucket refuses the log.",
    retry: "later",
    next: "Check the bucket, its policy, its key, and the node role's s3:PutObject and s3:ListBucket. The log is tried again every 5 minutes.",
  },
  "log-undelivered": {
    about: "job",
    meaning: "A try to bring the log to the bucket failed.",
    retry: "later",
    next: "Wait: it is tried again until the log is in the bucket. If it stays so, check the route to S3.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
