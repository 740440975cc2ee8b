import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** Of notebooks. */
export const NOTEBOOK_CODES = {
  "notebook-name-taken": {
    meaning: "The org has a notebook of that name already, which another resource owns.",
    retry: "never",
    next: "Give another name; use a moved block where only the address changed; else import the notebook.",
  },
  "notebook-refused": {
    meaning: "The cluster takes no notebook: it is not in the registry, or is being removed.",
    retry: "never",
    next: "Let cluster_uuid refer to a muster_cluster that stays.",
  },
  "notebook-gone": {
    meaning: "The registry no longer has the notebook.",
    retry: "now",
    next: "Plan again: the notebook is made anew.",
  },
  "notebook-changed": {
    meaning: "Something else has changed the notebook since it was read.",
    retry: "now",
    next: "Plan and apply again.",
  },
  "notebook-not-ready": {
    meaning:
      "The notebook's node is not ready, and waiting longer does not help. The summary names the failing probe, the reason code says why.",
    retry: "later",
    next: "Do what the detail's last line says, and apply again, or destroy: both begin from what exists.",
  },
  "notebook-not-drained": {
    meaning: "The node of a notebook that is being destroyed had not terminated in time.",
    retry: "now",
    next: "Destroy again to go on waiting; give a longer timeouts.delete where instances are slow to stop.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
