import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { scriptRequest } from "../../agent/contract/job.js";
import { revisionJobId } from "../../agent/contract/job-definition.js";
import { hostfilePath, jobFolder, SHARED_ROOT } from "../../agent/contract/names.js";
import { type ClusterItem, type JobItem, JobRequest } from "../../agent/contract/registry.js";
import { waitFor } from "../system/wait.js";
import type { ClusterAccess, Watch } from "./cluster.js";

/** `cdktf deploy` returns when muster_fleet has seen the cluster ready, so this is for the eye more than for the clock. */
const READY_TIMEOUT_SECONDS = 60;
const JOB_TIMEOUT_SECONDS = 900;
/** Beyond the job's own time-out: to start, and to bring the log to S3. */
const JOB_SLACK_SECONDS = 120;

/** The cluster, once it is ready. Fails when it is not within a minute. */
export async function awaitCluster(access: ClusterAccess, name: string, watch: Watch): Promise<ClusterItem> {
  const found = await waitFor({
    what: `cluster ${name} to be ready`,
    timeoutSeconds: READY_TIMEOUT_SECONDS,
    look: () => access.find(name),
    isDone: (cluster) => cluster?.clusterStatus === "FINISHED",
    describe: (cluster) =>
      cluster === null
        ? "it is not in the registry"
        : `${cluster.clusterStatus}, ${cluster.phase}${cluster.reason === null ? "" : `: ${cluster.reason}`}`,
    ...watch,
  });
  if (found === null) throw new Error(`cluster ${name} is not in the registry`);
  return found;
}

/** The request that runs a Python file with these arguments: its text travels in the job. Fails when it can't be read. */
export function requestFor(file: string, args: readonly string[] = []): JobRequest {
  const request = {
    ...scriptRequest(file, readFileSync(file, "utf8"), args),
    timeoutSeconds: JOB_TIMEOUT_SECONDS,
  };
  const problems = [...Value.Errors(JobRequest, request)].map(({ path, message }) => `${path}: ${message}`);
  if (problems.length > 0) throw new Error(`${file} can't be a job: ${problems.join("; ")}`);
  return request;
}

/** Submits a job under a new key and waits for its end. */
export async function runJob(
  access: ClusterAccess,
  cluster: ClusterItem,
  request: JobRequest,
  watch: Watch,
): Promise<JobItem> {
  const jobId = await access.submit(cluster.uuid, randomUUID(), request);
  return access.waitForJob(cluster.uuid, jobId, timeoutSecondsOf(request), watch);
}

/** Waits for the end of the run that deploy submitted of a definition. Fails where there is no such definition. */
export async function awaitDeclaredJob(
  access: ClusterAccess,
  cluster: ClusterItem,
  name: string,
  watch: Watch,
): Promise<JobItem> {
  const definition = await access.findDefinition(cluster.uuid, name);
  if (definition === null) throw new Error(`cluster ${cluster.name} has no job definition ${name}`);
  return access.waitForJob(
    cluster.uuid,
    revisionJobId(definition),
    timeoutSecondsOf(definition.request),
    watch,
  );
}

/** How long a job may take from its submission on, its log included. */
const timeoutSecondsOf = (request: JobRequest): number =>
  (request.timeoutSeconds ?? JOB_TIMEOUT_SECONDS) + JOB_SLACK_SECONDS;

/** A path below /shared, as this machine sees it. */
const onShared = (sharedFolder: string, path: string): string =>
  join(sharedFolder, path.slice(SHARED_ROOT.length));

/** The hostfile's text as the head wrote it. */
export const readHostfile = (sharedFolder: string, cluster: ClusterItem): string =>
  readFileSync(onShared(sharedFolder, hostfilePath(cluster.uuid)), "utf8");

/** What the job printed, as mpiexec wrote it. */
export const readPrinted = (sharedFolder: string, cluster: ClusterItem, job: JobItem): Buffer =>
  readFileSync(join(onShared(sharedFolder, jobFolder(cluster.uuid, job.id)), "output.log"));
