import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** Of job definitions and their jobs. */
export const JOB_CODES = {
  "job-too-large": {
    meaning: "The job does not fit into one item of the registry.",
    retry: "never",
    next: "Put the script, or what it reads, on /shared.",
  },
  "job-refused": {
    meaning: "The cluster takes no jobs: it is not in the registry, or is being removed.",
    retry: "never",
    next: "Let cluster_uuid refer to a muster_cluster of the provider's org and region.",
  },
  "job-not-admitted": {
    meaning: "The definition's job does not wait and the cluster has another job, or as many wait as may.",
    retry: "later",
    next: "Apply again when the cluster is free, or let the job queue (if_busy).",
  },
  "job-definition-taken": {
    meaning: "The cluster has a job definition of that name already, which another resource owns.",
    retry: "never",
    next: "Give another name; use a moved block where only the address changed; else import the job definition.",
  },
  "job-definition-gone": {
    meaning: "The registry no longer has the job definition.",
    retry: "now",
    next: "Plan again: the job definition is made anew.",
  },
  "job-definition-changed": {
    meaning: "Something else has written the job definition since it was planned.",
    retry: "now",
    next: "Plan and apply again.",
  },
  "cluster-dedicated": {
    meaning: "The cluster is made for the job of another job definition.",
    retry: "never",
    next: "Give the job a cluster of its own, or take dedicated from one of the two definitions.",
  },
  "job-vanished": {
    meaning: "The job was gone right after it was submitted.",
    retry: "now",
    next: "Plan again: the cluster is probably being removed.",
  },
  "job-failed": {
    meaning: "The job ended FAILED or CANCELLED. The reason code says why.",
    retry: "now",
    next: "Correct the cause and apply again: that submits another job.",
  },
  "job-not-ended": {
    meaning: "The job had not ended when the time to wait for it was up, or nothing will run it any more.",
    retry: "later",
    next: "Give the cluster nodes, or a longer timeouts block to the job definition, and apply again.",
  },
  "job-not-cancelled": {
    meaning: "A job of a definition that is being destroyed had not ended in time.",
    retry: "now",
    next: "Destroy again to go on waiting; give a longer timeouts.delete where a large log is being delivered.",
  },
  "job-abandoned": {
    meaning: "A job definition was destroyed while its cluster had no head node that could end its job.",
    retry: "never",
    next: "Nothing, unless a node comes back: the job is marked to be cancelled then.",
  },
  "job-degraded": {
    meaning: "A job FINISHED on only some nodes of the cluster.",
    retry: "never",
    next: "Look at why the others were not ready (muster cluster show), if the job needed them.",
  },
  "job-log-missing": {
    meaning: "A job FINISHED and its log is not in the bucket.",
    retry: "never",
    next: "Wait for a log that is on its way; read the job's last lines in place of one that is lost.",
  },
  "job-not-followed": {
    meaning: "A create was interrupted while it waited for the job.",
    retry: "now",
    next: "Apply again to follow the job: it is never submitted twice.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
