import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { revisionJobId } from "../../agent/contract/job-definition.js";
import { DEFAULT_JOB_TIMEOUT_SECONDS, JOB_LIMITS } from "../../agent/contract/job-request.js";
import { prefixOfManifest } from "../../agent/contract/log-parts.js";
import { hostfilePath, SHARED_ROOT } from "../../agent/contract/names.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { ClusterItem, JobDefinitionItem, JobItem, JobRequest } from "../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../agent/contract/wait.js";
import { readWhole } from "../../stacks/config/system/read.js";
import { openOrg } from "../cli/access/open.js";
import type { Access } from "../cli/core/ports.js";
import { followJob } from "../cli/jobs/follow.js";
import { createLogCopy } from "../cli/jobs/log-copy.js";
import { requestFor } from "../cli/jobs/request.js";
import { planJob, type Runnable, submitJob } from "../cli/jobs/submit.js";
import { clock, waitFor } from "../system/wait.js";

/** Progress and cancellation of a wait. */
export interface Watch {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `cdktf deploy` returns when muster_fleet has seen the cluster ready, but with 128 ranks on two cores one check takes 40 s. */
const READY_TIMEOUT_SECONDS = 180;
/** Beyond the job's own time-out: to start, and to upload the log. */
const JOB_SLACK_SECONDS = 120;

/** The org as the `muster` command sees it, until `signal` aborts. Makes no call. */
export const openAccess = (org: string, region: string, signal = new AbortController().signal): Access =>
  openOrg({ org, region, signal }, process.env, "journey");

/** The cluster of that name with its nodes, or null. A REMOVED one does not count. Fails where there are more than one. */
export async function findByName({ clusters }: Access, name: string): Promise<ObservedCluster | null> {
  const named = (await Array.fromAsync(clusters.list())).filter((cluster) => cluster.name === name);
  if (named.length > 1) throw new Error(`${named.length} clusters are named ${name}`);
  const [found] = named;
  return found === undefined ? null : { ...found, nodes: await clusters.nodes(found) };
}

/** The cluster, once it is ready. Fails if it is not ready within three minutes. */
export async function awaitCluster(access: Access, name: string, watch: Watch): Promise<ObservedCluster> {
  const found = await waitFor({
    what: `cluster ${name} to be ready`,
    timeoutSeconds: READY_TIMEOUT_SECONDS,
    look: () => findByName(access, name),
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

/** A script that is longer is refused for its characters, each of which takes 1 to 4 bytes. */
const MAX_SCRIPT_BYTES = JOB_LIMITS.scriptCharacters * 8;

/** The request that runs a Python file with these arguments. Fails if its text can't be part of a job. */
export const fileRequest = (file: string, args: readonly string[] = []): JobRequest =>
  requestFor({ file, args }, (path) => readWhole(path, MAX_SCRIPT_BYTES));

/** Submits a job under a new key and waits for its end. */
export const runJob = (
  access: Access,
  cluster: ClusterItem,
  request: JobRequest,
  watch: Watch,
): Promise<JobItem> => run(access, cluster, { request }, watch);

/** Submits one more job of a definition, as it is now, and waits for its end. Fails where there is none of that name. */
export const runDefinition = (
  access: Access,
  cluster: ClusterItem,
  definition: string,
  watch: Watch,
): Promise<JobItem> => run(access, cluster, { definition }, watch);

/** Waits for the end of the job that deploy submitted of a definition. Fails where there is no such definition. */
export async function awaitDeclaredJob(
  access: Access,
  cluster: ClusterItem,
  name: string,
  watch: Watch,
): Promise<JobItem> {
  const definition: JobDefinitionItem | null = await access.jobs.definition(cluster.uuid, name);
  if (definition === null) throw new Error(`Cluster ${cluster.name} has no job definition ${name}.`);
  return awaitEnd(access, cluster, revisionJobId(definition), timeoutSecondsOf(definition.request), watch);
}

async function run(access: Access, cluster: ClusterItem, what: Runnable, watch: Watch): Promise<JobItem> {
  const submittedBy = await access.account.caller();
  const planned = await planJob(access.jobs, cluster, what, {
    key: randomUUID(),
    now: () => new Date(),
    submittedBy,
  });
  const { job } = await submitJob(access.jobs, planned, () => new Date());
  return awaitEnd(access, cluster, job.id, timeoutSecondsOf(job.request), watch);
}

/** Waits until the job has ended and its log is delivered. */
export async function awaitEnd(
  access: Access,
  { uuid: clusterUuid }: Pick<ClusterItem, "uuid">,
  jobId: string,
  timeoutSeconds: number,
  { say, signal }: Watch,
): Promise<JobItem> {
  const late = AbortSignal.timeout(timeoutSeconds * 1000);
  const stop = AbortSignal.any([signal, late]);
  const tell = (line: string): void => say(`   ${line}`);
  const deps = { access, say: tell, signal: stop, sleep: clock.sleep };
  await followJob({ clusterUuid, jobId }, deps).catch((error: unknown) => {
    throw late.aborted ? new WaitTimeoutError(`job ${jobId} to end`, timeoutSeconds * 1000) : error;
  });
  const job = await access.jobs.read(clusterUuid, jobId);
  if (job === null) throw new Error(`job ${jobId} is not in the registry any more`);
  return job;
}

/** A log as it was read: its first bytes, and what proves all of it. */
export interface ProvedLog {
  readonly start: Buffer;
  readonly bytes: number;
  readonly sha256: string;
}

/** A person's own job may print more than a text holds. */
const LOG_START_BYTES = 16_777_216;

/** Reads the job's delivered log to its end. Fails where it is not what its manifest says. */
export async function proveLog(
  { logs }: Pick<Access, "logs">,
  { log }: Pick<JobItem, "log">,
): Promise<ProvedLog> {
  const hash = createHash("sha256");
  const kept: Buffer[] = [];
  let [bytes, keptBytes] = [0, 0];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      // A copy: a piece of a chunk would keep all of it in memory.
      const piece = Buffer.from(chunk.subarray(0, Math.max(0, LOG_START_BYTES - keptBytes)));
      kept.push(piece);
      keptBytes += piece.length;
      done();
    },
  });
  if (log !== null) {
    const place = { logs, prefix: prefixOfManifest(log.uri) ?? log.uri };
    await createLogCopy({ ...place, stdout, signal: new AbortController().signal }).complete(log);
  }
  return { start: Buffer.concat(kept), bytes, sha256: hash.digest("hex") };
}

/** The bytes of a job's delivered log, of at most 16 MiB. Fails for a larger one. */
export async function readLog(access: Pick<Access, "logs">, job: Pick<JobItem, "log">): Promise<Buffer> {
  const { start, bytes } = await proveLog(access, job);
  if (bytes > start.length) throw new Error(`the log has ${bytes} bytes, too many to be read at once`);
  return start;
}

/** How long a job may take from its submission, including its log. */
const timeoutSecondsOf = (request: JobRequest): number =>
  (request.timeoutSeconds ?? DEFAULT_JOB_TIMEOUT_SECONDS) + JOB_SLACK_SECONDS;

/** A path below /shared, as this machine sees it. */
const onShared = (sharedFolder: string, path: string): string =>
  join(sharedFolder, path.slice(SHARED_ROOT.length));

/** The hostfile's text as the head wrote it. */
export const readHostfile = (sharedFolder: string, cluster: ClusterItem): string =>
  readFileSync(onShared(sharedFolder, hostfilePath(cluster.uuid)), "utf8");
