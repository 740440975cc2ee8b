import { viewActivity } from "../../../agent/contract/activity-view.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import type { JobSummary } from "../core/ports.js";
import type { ClusterView, JobRow } from "./api.js";

/** A cluster as the page shows it. `declared`: the names of muster.yaml; null: there is none here. Pure. */
export function viewCluster(
  cluster: ClusterItem,
  declared: ReadonlySet<string> | null,
  now: Date,
): ClusterView {
  const { uuid, name, phase, reasonCode, reason, statusChangedAt, createdAt, desiredNodes } = cluster;
  const { readyNodes, hostfileNodes, cores, busy, headInstanceId, observedAt, notebooks = [] } = cluster;
  return {
    ...{ uuid, name, status: cluster.clusterStatus, phase, reasonCode, reason, statusChangedAt, createdAt },
    ...{ desiredNodes, readyNodes, hostfileNodes, cores, busy, headInstanceId, observedAt, notebooks },
    activity: viewActivity(cluster, now, cluster.activity),
    isDeclared: declared === null ? null : declared.has(name),
  };
}

/** A job in a list. Pure. */
export function viewJob(
  job: Pick<
    JobSummary,
    | "id"
    | "clusterUuid"
    | "definition"
    | "status"
    | "phase"
    | "reasonCode"
    | "submittedAt"
    | "submittedBy"
    | "startedAt"
    | "endedAt"
    | "attempt"
  > & { readonly request: Pick<JobSummary["request"], "command"> },
  clusterName: string,
): JobRow {
  const { id, clusterUuid, status, phase, reasonCode, submittedAt, submittedBy } = job;
  const { startedAt, endedAt, attempt } = job;
  return {
    ...{ id, clusterUuid, clusterName, name: job.definition?.name ?? null },
    ...{ command: job.request.command.join(" "), status, phase, reasonCode },
    ...{ submittedAt, submittedBy, startedAt, endedAt, attempt },
  };
}
