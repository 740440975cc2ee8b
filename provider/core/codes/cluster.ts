import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** Of the org, its guard and its clusters. */
export const CLUSTER_CODES = {
  "place-changed": {
    meaning: "The provider is configured for another org or region than the object is in.",
    retry: "never",
    next: "Set the provider's org and region back; to have the object there instead, destroy it here first.",
  },
  "already-there": {
    meaning: "Another resource owns what this plan is going to make.",
    retry: "never",
    next: "Use a moved block where only the address changed; else import it.",
  },
  "owned-elsewhere": {
    meaning: "Another resource has taken over what this state has.",
    retry: "never",
    next: "Remove it from this configuration, or import it to take it back.",
  },
  "org-not-deployed": {
    meaning: "The org has no registry in the region.",
    retry: "never",
    next: "Deploy the org's stack first, and check the provider's org and region.",
  },
  "org-in-use": {
    meaning: "The org still has clusters, so what they use can't be destroyed.",
    retry: "never",
    next: "Destroy the clusters first, then destroy again.",
  },
  "guard-elsewhere": {
    meaning: "The guard is of another org or region than the provider's.",
    retry: "never",
    next: "Set the provider's org and region back.",
  },
  "budget-invalid": {
    meaning: "The cluster's budget has no limit, or a cost without a price.",
    retry: "never",
    next: "Correct what the detail names.",
  },
  "tags-invalid": {
    meaning: "The tags and the provider's default_tags together are not what AWS takes.",
    retry: "never",
    next: "Correct the tags that the detail names.",
  },
  "tags-unknown": {
    meaning: "A tag was not known when it was applied.",
    retry: "never",
    next: "Make first what the tags depend on.",
  },
  "cluster-name-taken": {
    meaning: "The org has a cluster of that name already.",
    retry: "never",
    next: "Give another name, or import the cluster that has it.",
  },
  "cluster-name-contended": {
    meaning: "Others make or destroy clusters of the same name at the same time.",
    retry: "now",
    next: "Apply again.",
  },
  "cluster-unknown": {
    meaning: "The org has no cluster of that name or UUID.",
    retry: "never",
    next: "Look in data muster_clusters for those that there are.",
  },
  "cluster-name-ambiguous": {
    meaning: "More than one cluster has the name.",
    retry: "never",
    next: "Give uuid instead of name.",
  },
  "cluster-name-or-uuid": {
    meaning: "A data source muster_cluster has neither name nor uuid, or both.",
    retry: "never",
    next: "Give exactly one of them.",
  },
  "cluster-has-notebooks": {
    meaning: "The cluster that is to be destroyed has notebooks attached.",
    retry: "never",
    next: "Destroy the notebooks, or attach them to another cluster, then destroy again.",
  },
  "preflight-incomplete": {
    meaning: "A data source muster_preflight has a cluster, and lacks what the checks of it need.",
    retry: "never",
    next: "Give instance_types, image_id and subnet_ids too, or leave cluster out.",
  },
  "preflight-image": {
    meaning: "The preflight warns of an image: it is there, but will not stay.",
    retry: "never",
    next: "Take a newer image, as the detail says.",
  },
  "cluster-gone": {
    meaning: "The registry no longer has the cluster.",
    retry: "now",
    next: "Plan again: the cluster is made anew.",
  },
  "cluster-items-remain": {
    meaning: "Something keeps on writing items of a cluster that is being deleted.",
    retry: "never",
    next: "Stop what runs as a node of the cluster, and destroy again.",
  },
  "secret-missing": {
    meaning: "The cluster has no secret: it was deleted, or there is no such cluster.",
    retry: "never",
    next: "Apply the muster_cluster: it makes another secret. Get new tokens then.",
  },
  "secret-renewed": {
    meaning: "The cluster's secret was gone, and another one was made.",
    retry: "never",
    next: "Get new tokens, and the new authority (muster token ca), within an hour.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
