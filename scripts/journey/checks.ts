import { renderLog } from "../../agent/contract/job.js";
import { isUsable } from "../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { JobItem } from "../../agent/contract/registry.js";
import type { ProvedLog } from "./steps.js";

/** What one journey saw, both on AWS's side and on the nodes' side. */
export interface Evidence {
  readonly nodesAsked: number;
  readonly cluster: ObservedCluster;
  readonly hostfile: string;
  readonly job: JobItem;
  /** The job's log in S3. */
  readonly delivered: ProvedLog;
  /** Whether the job is the built-in example, whose output is known. */
  readonly isExampleJob: boolean;
}

/** Every failed check: empty = the cluster works. */
export function findFaults(evidence: Evidence): string[] {
  return [...nodeFaults(evidence), ...jobFaults(evidence), ...logFaults(evidence)];
}

/** The distinct hostnames of the cluster that occur in `output`, sorted. */
export function hostnamesIn(output: string, cluster: ObservedCluster): string[] {
  const words = new Set(output.split(/[\s:,;()]+/));
  return cluster.nodes
    .map((node) => node.hostname)
    .filter((hostname) => words.has(hostname))
    .sort();
}

function nodeFaults({ nodesAsked, cluster, hostfile }: Evidence): string[] {
  const faults: string[] = [];
  const ready = cluster.nodes.filter(isUsable);
  if (ready.length !== nodesAsked) faults.push(`${ready.length} of ${nodesAsked} nodes are ready`);
  const listed = hostfile.split("\n").filter((line) => line !== "");
  const expected = ready.map((node) => `${node.address}:${node.cores}`);
  const missing = expected.filter((line) => !listed.includes(line));
  if (missing.length > 0) faults.push(`the hostfile lacks ${missing.join(", ")}`);
  if (listed.length !== expected.length) {
    faults.push(`the hostfile has ${listed.length} lines for ${expected.length} ready nodes`);
  }
  return faults;
}

function jobFaults({ cluster, job, delivered, isExampleJob }: Evidence): string[] {
  if (job.status !== "FINISHED") return [`the job is ${job.status}: ${job.reason ?? "no reason given"}`];
  if (!isExampleJob) return [];
  const faults: string[] = [];
  const output = delivered.start.toString("utf8");
  const lines = output.split("\n").filter((line) => line.startsWith("rank "));
  if (lines.length !== cluster.cores)
    faults.push(`the job printed ${lines.length} ranks' lines for ${cluster.cores} cores`);
  const silent = cluster.nodes
    .filter(({ kind }) => kind === "worker")
    .map((node) => node.hostname)
    .filter((hostname) => !hostnamesIn(output, cluster).includes(hostname));
  if (silent.length > 0) faults.push(`no rank ran on ${silent.join(", ")}`);
  return faults;
}

function logFaults({ job, delivered }: Evidence): string[] {
  if (job.log === null) return [`the job's log is ${renderLog(job)}`];
  const { bytes, sha256 } = delivered;
  if (bytes === job.log.bytes && sha256 === job.log.sha256) return [];
  return [
    `the log in S3 (${bytes} bytes, SHA-256 ${sha256}) differs from the job's record (${job.log.bytes} bytes, ${job.log.sha256})`,
  ];
}
