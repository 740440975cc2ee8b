import type { ClusterItem } from "../../../agent/contract/registry.js";
import type { Computed, State } from "../../core/types.js";
import type { Settings } from "../ports.js";
import { ownTags } from "../tags.js";
import { factsOf } from "./facts.js";
import type { clusterSchema } from "./schema.js";

export type ClusterState = State<typeof clusterSchema>;

export interface NewCluster {
  readonly uuid: string;
  readonly org: string;
  readonly name: string;
  readonly idleTimeoutMinutes: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly at: Date;
}

/** The registry's item of a cluster that has no nodes and never had. */
export function newClusterItem({ at, tags, ...given }: NewCluster): ClusterItem {
  const time = at.toISOString();
  return {
    ...given,
    tags: { ...tags },
    createdAt: time,
    clusterStatus: "NEW",
    phase: "created",
    reason: null,
    statusChangedAt: time,
    desiredNodes: 0,
    nodes: [],
    hostfileNodes: 0,
    cores: 0,
    headInstanceId: null,
    leaseGeneration: 0,
    observedAt: null,
  };
}

/** What Terraform learns from the registry. */
export function computedFrom(item: ClusterItem): Computed<typeof clusterSchema> {
  return { uuid: item.uuid, tags_all: item.tags, ...factsOf(item) };
}

/** The whole state, as it is in the registry. */
export function observedState(
  item: ClusterItem,
  current: ClusterState,
  { defaultTags }: Settings,
): ClusterState {
  return {
    ...computedFrom(item),
    name: item.name,
    idle_timeout_minutes: item.idleTimeoutMinutes,
    tags: ownTags(item.tags, current, defaultTags),
  };
}
