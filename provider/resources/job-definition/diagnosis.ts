import { renderLog } from "../../../agent/contract/job.js";
import { describeWait, type QueueAhead } from "../../../agent/contract/job-wait.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";

/** A job of the user's, by the name that they gave it. */
export interface JobName {
  readonly clusterUuid: string;
  readonly name: string;
}

/** A run that ended otherwise than FINISHED, with all that its item says of why. */
export function renderFailedRun({ clusterUuid, name }: JobName, job: JobItem): Diagnostic {
  const reason = job.reason ?? "no reason is recorded";
  const exit = job.exitCode === null ? "mpiexec left no exit code" : `exit code ${job.exitCode}`;
  const lines = [
    `Run ${job.id} on cluster ${clusterUuid}: status ${job.status}, ${exit}.`,
    `Reason: ${reason}.`,
    ...(job.lastLines.length === 0
      ? ["It printed nothing."]
      : ["Its last lines:", ...job.lastLines.map((line) => `  ${line}`)]),
    job.log === null ? `Its log is ${renderLog(job)}.` : `Its whole log: ${job.log.uri}`,
    "Next: mend the cause and apply again; the job is then run again. Nothing else was changed by this run's end.",
  ];
  return errorDiagnostic(`Job ${name} ${job.status}: ${reason}`, lines.join("\n"));
}

/** What was last seen of a run and its cluster, and why it is not waited for any more, as a sentence. */
interface UnendedRun {
  readonly job: JobItem | null;
  readonly cluster: ClusterItem | null;
  readonly ahead: QueueAhead | null;
  readonly reason: string;
}

/** A run that had not ended when the wait for it did. */
export function renderUnendedRun(
  { clusterUuid, name }: JobName,
  { job, cluster, ahead, reason }: UnendedRun,
): Diagnostic {
  const lines = [
    reason,
    job === null
      ? "Job: its item is gone from the registry."
      : `Job: ${job.id} is ${describeWait(job, cluster, ahead)}.`,
    `Cluster ${clusterUuid}: ${renderCluster(cluster)}.`,
    `Next: ${nextStep(cluster)} Where the job is tainted now, the next apply cancels this run and starts another: \`terraform untaint\` keeps it.`,
  ];
  return errorDiagnostic(`Job ${name} has not ended`, lines.join("\n"));
}

function nextStep(cluster: ClusterItem | null): string {
  if (cluster === null) return "make the cluster again.";
  return cluster.hostfileNodes === 0
    ? "give the cluster nodes (muster_fleet), and let the job depend on them (depends_on)."
    : "look for an earlier job that still runs; a longer timeouts block of the job waits longer.";
}

/** "FINISHED, phase ready, 2 nodes in the hostfile, head node i-1" */
export function renderCluster(cluster: ClusterItem | null): string {
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
