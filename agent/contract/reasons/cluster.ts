import type { ReasonEntry } from "./reason.js";

/** Why a cluster is not ready, or FAILED; and what keeps its folders from being emptied when it is removed. */
export const CLUSTER_REASONS = {
  "nodes-missing": {
    about: "cluster",
    meaning: "Fewer nodes have registered than are wanted.",
    retry: "later",
    next: "Wait while instances start. If it stays so, look at the Auto Scaling group's activities, and at the console of an instance that has not registered.",
  },
  "nodes-unready": {
    about: "cluster",
    meaning: "A node is registered and not ready.",
    retry: "later",
    next: "Look at the node's own reason code, and at its journal: journalctl -u muster-agent.",
  },
  "nodes-surplus": {
    about: "cluster",
    meaning: "There are more nodes than are wanted.",
    retry: "later",
    next: "During a resize, wait: the head ends the surplus when no job works on it. Otherwise apply again: muster_fleet sets the group's size.",
  },
  "hostfile-behind": {
    about: "cluster",
    meaning: "The hostfile does not list exactly the ready nodes.",
    retry: "later",
    next: "Wait a moment: the head node writes it after each change. If it stays so, look at the head node's journal.",
  },
  "fleet-protected": {
    about: "cluster",
    meaning: "Nodes failed one after the other, so no more of them are replaced.",
    retry: "never",
    next: "Find the cause: what replaced nodes have left is in the log bucket, under logs/CLUSTER/nodes/. Then let nodes be replaced again: muster cluster repair.",
  },
  "resize-timed-out": {
    about: "cluster",
    meaning: "The cluster did not have the wanted nodes when the time for the resize was up.",
    retry: "later",
    next: "Correct what the reason shows, or give a longer timeouts block, and apply again. After muster cluster resize: run it again, with a number of nodes that EC2 has.",
  },
  "resize-superseded": {
    about: "cluster",
    meaning: "Something else asked for another number of nodes during the resize.",
    retry: "now",
    next: "Apply one configuration at a time, and let nothing else set the cluster's size.",
  },
  "fleet-taken-over": {
    about: "cluster",
    meaning: "Another muster_fleet took the nodes over during the resize.",
    retry: "never",
    next: "Keep the fleet in one configuration and one state, and remove it from the other.",
  },
  "cluster-parked": {
    about: "cluster",
    meaning: "The cluster was parked during the resize.",
    retry: "now",
    next: "Apply again: that gives the cluster its nodes back.",
  },
  "parked-idle": {
    about: "cluster",
    meaning: "Nothing was active for the cluster's idle timeout, so its nodes were given up.",
    retry: "now",
    next: "Submit a job, or run muster cluster resume. If it parks too soon, give it a longer idle timeout, or keep it awake (muster cluster keep-alive).",
  },
  "parked-job-ended": {
    about: "cluster",
    meaning: "The cluster was made for one job, and that has ended.",
    retry: "never",
    next: "Remove the cluster, or submit another job to it.",
  },
  "parked-on-request": {
    about: "cluster",
    meaning: "A person or a program asked for the cluster to be parked.",
    retry: "now",
    next: "Submit a job, or run muster cluster resume.",
  },
  "budget-near": {
    about: "cluster",
    meaning: "The cluster has used 80 % of what it may use this month, or more.",
    retry: "later",
    next: "Give the cluster a higher budget (budget in muster.yaml) and apply, or use fewer nodes. When all of it is used, the cluster parks.",
  },
  "budget-spent": {
    about: "cluster",
    meaning:
      "The cluster has used all that it may use this month: it takes no further job, and parks when the running one has ended.",
    retry: "later",
    next: "Give the cluster a higher budget (budget in muster.yaml) and apply, or wait for the next month (UTC).",
  },
  "resume-timed-out": {
    about: "cluster",
    meaning:
      "A parked cluster was resumed and did not get all its nodes in time, so those that had come were given up.",
    retry: "later",
    next: "Look at the Auto Scaling group's activities for the cause, such as missing capacity, and resume it again (muster cluster resume).",
  },
  "cluster-removing": {
    about: "cluster",
    meaning: "The cluster is being removed, or is removed.",
    retry: "never",
    next: "Wait until it is gone, then make another cluster; or use another one.",
  },
  "cluster-item-gone": {
    about: "cluster",
    meaning: "The registry has no item of the cluster any more.",
    retry: "never",
    next: "Plan again: Terraform removes what is left of the cluster and makes another one.",
  },
  "files-job-running": {
    about: "cluster",
    meaning: "The cluster's folders are not emptied, because a job runs.",
    retry: "later",
    next: "Wait until the job has ended, or cancel it.",
  },
  "files-head-changed": {
    about: "cluster",
    meaning: "The cluster's folders are not emptied, because another node has become head.",
    retry: "now",
    next: "Wait a moment: the new head node empties them.",
  },
  "files-logs-pending": {
    about: "cluster",
    meaning: "/shared is empty; the agents' folder is kept, because a job's log is not in the bucket.",
    retry: "later",
    next: "See why in the jobs' log reasons (muster job show), and make the bucket take the logs.",
  },
  "files-not-removed": {
    about: "cluster",
    meaning: "The try to empty the cluster's folders failed.",
    retry: "later",
    next: "Read the reason, and remove what is in the way: on a node, or from a mount of the file system's root.",
  },
  "files-no-node": {
    about: "cluster",
    meaning: "The cluster's folders are left, because it has no node that could empty them.",
    retry: "never",
    next: "Mount the file system's root and delete the folders, or destroy the org with its file system.",
  },
  "files-head-silent": {
    about: "cluster",
    meaning: "The cluster's folders are left, because its head node did not answer in time.",
    retry: "never",
    next: "Mount the file system's root and delete the folders, or destroy the org with its file system.",
  },
  "files-not-asked": {
    about: "cluster",
    meaning: "The cluster's folders are left, because the cluster does not take the request to empty them.",
    retry: "never",
    next: "Mount the file system's root and delete the folders, or destroy the org with its file system.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
