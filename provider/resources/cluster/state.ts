import type { Budget } from "../../../agent/contract/budget.js";
import { clusterSecretName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { NO_REASON } from "../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import type { Settings } from "../../client/ports.js";
import { ownTags, type Tags } from "../../client/tags.js";
import type { PrivateState } from "../../core/private-state.js";
import type { Computed, State } from "../../core/types.js";
import { budgetOf, declaredBudget } from "./budget.js";
import { factsOf } from "./facts.js";
import { type clusterSchema, DEFAULT_REFUSE_AT } from "./schema.js";

export type ClusterState = State<typeof clusterSchema>;

export interface NewCluster {
  readonly uuid: string;
  readonly org: string;
  readonly name: string;
  readonly idleTimeoutMinutes: number | null;
  readonly countSshSessions: boolean;
  readonly resumeOnJob: boolean;
  readonly shareWithNotebooks: boolean;
  readonly budget: Budget | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly at: Date;
}

/** What is declared of how the cluster is used, beside its tags. */
export const useSettings = (
  plan: Pick<
    ClusterState,
    "idle_timeout_minutes" | "count_ssh_sessions" | "resume_on_job" | "share_with_notebooks" | "budget"
  >,
) => ({
  idleTimeoutMinutes: plan.idle_timeout_minutes,
  countSshSessions: plan.count_ssh_sessions,
  resumeOnJob: plan.resume_on_job,
  shareWithNotebooks: plan.share_with_notebooks,
  budget: budgetOf(plan.budget),
});

/** The registry's item of a new cluster, without nodes. */
export function newClusterItem({ at, tags, ...given }: NewCluster): ClusterItem {
  const time = at.toISOString();
  return {
    ...given,
    tags: { ...tags },
    createdAt: time,
    clusterStatus: "NEW",
    phase: "created",
    ...NO_REASON,
    statusChangedAt: time,
    desiredNodes: 0,
    knownNodes: 0,
    readyNodes: 0,
    busy: false,
    hostfileNodes: 0,
    cores: 0,
    headInstanceId: null,
    leaseGeneration: 0,
    observedAt: null,
  };
}

/** The attributes from the registry. */
export function computedCluster(item: ObservedCluster): Computed<typeof clusterSchema> {
  const secret_parameter = clusterSecretName(item.org, item.uuid);
  return { uuid: item.uuid, tags_all: item.tags, secret_parameter, ...factsOf(item) };
}

/**
 * The cluster's tags in the registry and on the secret. Both must have them: if one differs from the last apply, somebody changed
 * it, and the plan shows that. Other tags on the secret are ignored.
 */
export function tagsOnBoth(inRegistry: Tags, onSecret: Tags | null, applied: Tags): Tags {
  if (onSecret === null) return inRegistry;
  const seen = Object.entries(inRegistry).flatMap(([key, value]) => {
    const found = value === applied[key] ? onSecret[key] : value;
    return found === undefined ? [] : [[key, found] as const];
  });
  return Object.fromEntries(seen);
}

/** In the private state, because a refresh changes the tags in the state. */
const APPLIED_TAGS = "applied_tags";

/** Stores the tags that an apply has set. */
export const rememberTags = (privateState: PrivateState, tags: Tags): void =>
  privateState.set(APPLIED_TAGS, tags);

/** The tags of the last apply; for an older or imported state, those of the state. */
export const appliedBefore = (privateState: PrivateState, state: ClusterState, item: ClusterItem): Tags =>
  (privateState.get(APPLIED_TAGS) as Tags | null) ?? state.tags_all ?? item.tags;

/** The state of a cluster whose item was deleted from the registry: without a status, so that its plan replaces it. */
export const WITHOUT_ITEM: Partial<ClusterState> = {
  status: null,
  phase: null,
  reason_code: "cluster-item-gone",
  reason: "its item is gone from the registry, its secret is left",
  ready_nodes: 0,
  cores: 0,
  addresses: [],
  head_instance_id: null,
};

/** The whole state, from the registry's item, the actual tags, and whether there is a secret. */
export function observedState(
  item: ObservedCluster,
  { tags, hasSecret }: { readonly tags: Tags; readonly hasSecret: boolean },
  current: ClusterState,
  { defaultTags }: Settings,
): ClusterState {
  const computed = computedCluster(item);
  return {
    ...computed,
    tags_all: tags,
    secret_parameter: hasSecret ? computed.secret_parameter : null,
    name: item.name,
    idle_timeout_minutes: item.idleTimeoutMinutes,
    count_ssh_sessions: item.countSshSessions ?? true,
    resume_on_job: item.resumeOnJob ?? true,
    share_with_notebooks: item.shareWithNotebooks ?? false,
    budget: declaredBudget(item.budget),
    // The registry does not have this setting: after an import, it has its default.
    refuse_at: (current.refuse_at as string | null) ?? DEFAULT_REFUSE_AT,
    tags: ownTags(tags, current, defaultTags),
  };
}
