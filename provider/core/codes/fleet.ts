import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** Of fleets. */
export const FLEET_CODES = {
  "group-missing": {
    meaning: "There is no Auto Scaling group of that name.",
    retry: "never",
    next: "Let autoscaling_group refer to the group's resource, so that it is made first.",
  },
  "group-taken": {
    meaning: "The Auto Scaling group is another cluster's fleet.",
    retry: "never",
    next: "Give this fleet a group of its own, or destroy the other fleet first.",
  },
  "fleet-taken": {
    meaning: "The cluster's nodes are another muster_fleet's.",
    retry: "never",
    next: "Use a moved block where only the address changed; else import the fleet.",
  },
  "fleet-refused": {
    meaning: "The cluster takes no nodes: it is not in the registry, or is being removed.",
    retry: "never",
    next: "Let cluster_uuid refer to a muster_cluster that stays.",
  },
  "fleet-budget-spent": {
    meaning: "The cluster has used its budget of the month, so it gets no nodes.",
    retry: "later",
    next: "Give muster_cluster a higher budget, which is applied first, or wait for the next month (UTC).",
  },
  "fleet-not-ready": {
    meaning:
      "Fewer nodes than asked for are ready, and waiting longer does not help. The reason code says why.",
    retry: "later",
    next: "Do what the detail's last line says, and apply again, or destroy: both begin from what exists.",
  },
  "fleet-not-drained": {
    meaning: "Instances of a fleet that is being destroyed had not terminated in time.",
    retry: "now",
    next: "Destroy again to go on waiting; give a longer timeouts.delete where instances are slow to stop.",
  },
  "fleet-files-left": {
    meaning: "The folders of a destroyed cluster could not be emptied. The reason code says why.",
    retry: "never",
    next: "Mount the file system's root and delete them, or destroy the org with its file system.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
