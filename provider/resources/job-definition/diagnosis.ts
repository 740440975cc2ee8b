import { renderLog } from "../../../agent/contract/job.js";
import { describeWait, type QueueAhead } from "../../../agent/contract/job-wait.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { ClusterReasonCode } from "../../../agent/contract/reasons.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";

/** A job definition, by the name that its user gave it. */
export interface DefinitionName {
  readonly clusterUuid: string;
  readonly name: string;
}

/** A job that ended otherwise than FINISHED, with all that its item says of why. */
export function renderFailedJob({ clusterUuid, name }: DefinitionName, job: JobItem): Diagnostic {
  const reason = job.reason ?? "no reason is recorded";
  const exit = job.exitCode === null ? "mpiexec left no exit code" : `exit code ${job.exitCode}`;
  const lines = [
    `Job ${job.id} on cluster ${clusterUuid}: status ${job.status}, ${exit}.`,
    `Reason: ${reason}.`,
    ...(job.lastLines.length === 0
      ? ["It printed nothing."]
      : ["Its last lines:", ...job.lastLines.map((line) => `  ${line}`)]),
    job.log === null ? `Its log is ${renderLog(job)}.` : `Its whole log: ${job.log.uri}`,
    "Next: correct the cause and apply again; that submits another job. Nothing else was changed by this job's end.",
  ];
  const summary = `Job of definition ${name} ${job.status}: ${reason}`;
  return { ...errorDiagnostic("job-failed", summary, lines.join("\n")), reasonCode: job.reasonCode };
}

/** What was last seen of a job and its cluster, and why it is not waited for any more, as a sentence. */
interface UnendedJob {
  readonly job: JobItem | null;
  readonly cluster: ObservedCluster | null;
  readonly ahead: QueueAhead | null;
  readonly reason: string;
}

/** A job that had not ended when the wait for it did. */
export function renderUnendedJob(
  { clusterUuid, name }: DefinitionName,
  { job, cluster, ahead, reason }: UnendedJob,
): Diagnostic {
  const lines = [
    reason,
    job === null
      ? "Job: its item is gone from the registry."
      : `Job: ${job.id} is ${describeWait(job, cluster, ahead)}.`,
    `Cluster ${clusterUuid}: ${describeCluster(cluster)}.`,
    `Next: ${nextStep(cluster)} Where the job definition is tainted now, the next apply cancels this job and submits another: \`terraform untaint\` keeps it.`,
  ];
  const summary = `Job of definition ${name} has not ended`;
  return {
    ...errorDiagnostic("job-not-ended", summary, lines.join("\n")),
    reasonCode: reasonCodeOf(cluster),
  };
}

/** What a diagnostic passes on of a cluster; null: it has no reason, or is gone. */
export const reasonCodeOf = (cluster: ClusterItem | null): ClusterReasonCode | null =>
  cluster?.reasonCode ?? null;

function nextStep(cluster: ClusterItem | null): string {
  if (cluster === null) return "make the cluster again.";
  return cluster.hostfileNodes === 0
    ? "give the cluster nodes (muster_fleet), and let the job definition depend on them (depends_on)."
    : "look for an earlier job that still runs; a longer timeouts block of the job waits longer.";
}

/** "FINISHED, phase ready, 2 nodes in the hostfile, head node i-1" */
export function describeCluster(cluster: ClusterItem | null): string {
  if (cluster === null) return "it is not in the registry";
  const { clusterStatus, phase, reason, hostfileNodes, headInstanceId } = cluster;
  return [
    clusterStatus,
    `phase ${phase}`,
    ...(reason === null ? [] : [reason]),
    hostfileNodes === 0 ? "no nodes that could run it" : `${hostfileNodes} nodes in the hostfile`,
    headInstanceId === null ? "no head node" : `head node ${headInstanceId}`,
  ].join(", ");
}
