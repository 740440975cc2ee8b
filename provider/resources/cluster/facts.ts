import { hostfilePath } from "../../../agent/contract/names.js";
import { isUsable } from "../../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { computed, integer, list, string } from "../../core/schema.js";
import type { Attributes, ObjectOf } from "../../core/types.js";

/** A cluster's attributes that the resource and the data source share. */
export const factAttributes = {
  id: computed(string, { description: "The same as uuid.", changesWith: [] }),
  org: computed(string, {
    description: "The provider's org, which the cluster belongs to.",
    changesWith: [],
  }),
  hostfile: computed(string, { description: "The hostfile's path on every node.", changesWith: [] }),
  created_at: computed(string, { description: "When it was created; ISO 8601, UTC.", changesWith: [] }),
  status: computed(string, {
    description: "NEW, INPROGRESS, FINISHED (ready), FAILED, PARKED or REMOVING, when last refreshed.",
    live: true,
  }),
  status_changed_at: computed(string, {
    description: "When it got this status; ISO 8601, UTC.",
    live: true,
  }),
  phase: computed(string, {
    description: "More detail than the status, e.g. waiting-for-nodes.",
    live: true,
  }),
  reason_code: computed(string, {
    description: "The code of the reason, of the list of reason codes; null where there is no reason.",
    live: true,
  }),
  reason: computed(string, { description: "Why it is FAILED or not yet ready; null otherwise.", live: true }),
  desired_nodes: computed(integer, { description: "The requested number of nodes.", live: true }),
  ready_nodes: computed(integer, { description: "Nodes in the hostfile, when last refreshed.", live: true }),
  cores: computed(integer, { description: "Physical cores of the nodes in the hostfile.", live: true }),
  addresses: computed(list(string), {
    description: "Private addresses of the nodes in the hostfile.",
    live: true,
  }),
  head_instance_id: computed(string, {
    description: "The head node's EC2 instance; null if there is none yet.",
    live: true,
  }),
  observed_at: computed(string, {
    description: "When the head last reported; ISO 8601, UTC; null = never.",
    live: true,
  }),
} as const satisfies Attributes;

/** The cluster's facts, from the registry. */
export function factsOf(item: ObservedCluster): ObjectOf<typeof factAttributes> {
  return {
    id: item.uuid,
    org: item.org,
    hostfile: hostfilePath(item.uuid),
    created_at: item.createdAt,
    status: item.clusterStatus,
    status_changed_at: item.statusChangedAt,
    phase: item.phase,
    reason_code: item.reasonCode,
    reason: item.reason,
    desired_nodes: item.desiredNodes,
    ready_nodes: item.hostfileNodes,
    cores: item.cores,
    addresses: item.nodes.filter(isUsable).map(({ address }) => address),
    head_instance_id: item.headInstanceId,
    observed_at: item.observedAt,
  };
}
