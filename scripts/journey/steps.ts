import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newJob, scriptRequest } from "../../agent/contract/job.js";
import { revisionJobId, runOf } from "../../agent/contract/job-definition.js";
import { requestProblems } from "../../agent/contract/job-problems.js";
import { jobSizeProblem } from "../../agent/contract/job-request.js";
import { hostfilePath, SHARED_ROOT } from "../../agent/contract/names.js";
import type { ClusterItem, JobDefinitionItem, JobItem, JobRequest } from "../../agent/contract/registry.js";
import { waitFor } from "../system/wait.js";
import type { ClusterAccess, Watch } from "./cluster.js";

/** `cdktf deploy` returns when muster_fleet has seen the cluster ready; but with 128 ranks on two cores one look takes 40 s. */
const READY_TIMEOUT_SECONDS = 180;
const JOB_TIMEOUT_SECONDS = 900;
/** Beyond the job's own time-out: to start, and to bring the log to S3. */
const JOB_SLACK_SECONDS = 120;

/** The cluster, once it is ready. Fails when it is not within three minutes. */
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
  const tooLarge = jobSizeProblem(request);
  const problems = [...requestProblems(request), ...(tooLarge === null ? [] : [`the job ${tooLarge}`])];
  if (problems.length > 0) throw new Error(`${file} can't be a job: ${problems.join("; ")}`);
  return request;
}

/** Submits a job under a new key and waits for its end. */
export const runJob = (
  access: ClusterAccess,
  cluster: ClusterItem,
  request: JobRequest,
  watch: Watch,
): Promise<JobItem> => submitAndWait(access, newJob(cluster.uuid, randomUUID(), request, new Date()), watch);

/** Submits one more run of a definition, as it is now, and waits for its end. Fails where there is none of that name. */
export async function runDefinition(
  access: ClusterAccess,
  cluster: ClusterItem,
  name: string,
  watch: Watch,
): Promise<JobItem> {
  const definition = await definitionNamed(access, cluster, name);
  return submitAndWait(access, runOf(definition, new Date(), randomUUID()), watch);
}

/** Waits for the end of the run that deploy submitted of a definition. Fails where there is no such definition. */
export async function awaitDeclaredJob(
  access: ClusterAccess,
  cluster: ClusterItem,
  name: string,
  watch: Watch,
): Promise<JobItem> {
  const definition = await definitionNamed(access, cluster, name);
  const timeoutSeconds = timeoutSecondsOf(definition.request);
  return access.waitForJob(cluster.uuid, revisionJobId(definition), timeoutSeconds, watch);
}

async function submitAndWait(access: ClusterAccess, job: JobItem, watch: Watch): Promise<JobItem> {
  await access.submit(job);
  return access.waitForJob(job.clusterUuid, job.id, timeoutSecondsOf(job.request), watch);
}

async function definitionNamed(
  access: ClusterAccess,
  cluster: ClusterItem,
  name: string,
): Promise<JobDefinitionItem> {
  const definition = await access.findDefinition(cluster.uuid, name);
  if (definition !== null) return definition;
  throw new Error(`Cluster ${cluster.name} has no job definition ${name}: muster_job makes one.`);
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
