import { isSameRequest, newJob } from "../../../agent/contract/job.js";
import { type Admitted, admit, wayInto } from "../../../agent/contract/job-admission.js";
import { jobOf } from "../../../agent/contract/job-definition.js";
import type { ClusterItem, JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { findCluster, refuseClosed, refuseParked } from "../core/clusters.js";
import { failure, refusal } from "../core/exit.js";
import { type ClusterPlace, isUuid } from "../core/place.js";
import type { Access, Jobs } from "../core/ports.js";
import type { PackedFolder } from "./pack.js";

/** What to run: a request, perhaps with a folder that is to be sent before it, or one of the cluster's job definitions. */
export type Runnable =
  | { readonly request: JobRequest }
  | { readonly request: JobRequest; readonly upload: PackedFolder }
  | { readonly definition: string };

/** Under which key the job is submitted, and by whom (an ARN; null: not known). */
interface Submission {
  readonly key: string;
  now(): Date;
  readonly submittedBy: string | null;
}

/**
 * The cluster that a job is for, and who submits it. The way to its head is looked for meanwhile: at once where the cluster is named by its
 * UUID. Throws where there is no such cluster, or it takes no job.
 */
export async function clusterForJob(
  access: Pick<Access, "clusters" | "account"> & { readonly jobs: Pick<Jobs, "approach"> },
  place: ClusterPlace,
  now: Date,
): Promise<{ readonly cluster: ClusterItem; readonly submittedBy: string | null }> {
  if (isUuid(place.cluster)) access.jobs.approach(place.cluster);
  const [cluster, submittedBy] = await Promise.all([findCluster(access, place), access.account.caller()]);
  access.jobs.approach(cluster.uuid);
  refuseClosed(cluster);
  refuseParked(cluster, now);
  return { cluster, submittedBy };
}

/**
 * The job for this key, as of the moment when it can go out: its time of submission is not that of the search for the head. Writes
 * nothing. Throws if there is no such definition.
 */
export async function planJob(
  jobs: Pick<Jobs, "definition" | "approached">,
  cluster: ClusterItem,
  what: Runnable,
  { key, now, submittedBy }: Submission,
): Promise<JobItem> {
  const approached = jobs.approached(cluster.uuid);
  const definition = "request" in what ? null : await jobs.definition(cluster.uuid, what.definition);
  await approached;
  if ("request" in what) return newJob(cluster.uuid, key, what.request, now(), { submittedBy });
  if (definition !== null) return jobOf(definition, now(), key, { submittedBy });
  throw noSuchDefinition(cluster, what.definition);
}

/** The error for a job definition that the cluster does not have. */
export const noSuchDefinition = ({ name }: Pick<ClusterItem, "name">, definition: string): Error =>
  failure(
    `Cluster ${name} has no job definition ${definition}; \`muster job definitions\` lists them. Declare it with muster_job_definition, or under jobDefinitions in muster.yaml.`,
  );

/**
 * Writes the job, or finds the earlier one with the same key, which must ask for the same. Throws where the cluster does not take it
 * now. May run twice.
 */
export async function submitJob(
  jobs: Pick<Jobs, "offer" | "submit" | "read" | "queue" | "refuse" | "wake">,
  job: JobItem,
  now: () => Date,
): Promise<{ readonly job: JobItem; readonly isNew: boolean }> {
  const offered = await jobs.offer(job);
  if (offered?.is === "started") {
    // A park may have begun since the head looked: as after any put.
    await jobs.wake(job);
    return { job: offered.job, isNew: true };
  }
  const admitted = await admit(job, wayInto(job.clusterUuid, jobs), now);
  switch (admitted.is) {
    case "new":
      return { job, isNew: true };
    case "gone":
      throw failure(`Job ${job.id} disappeared during submission: is the cluster being removed?`);
    case "refused":
      throw refused(job, admitted);
    case "known":
      return { job: sameAs(admitted.job, job), isNew: false };
  }
}

function refused({ id }: JobItem, { why, isPut }: Extract<Admitted, { readonly is: "refused" }>): Error {
  const left = isPut
    ? `Job ${id} is FAILED; submit again under another key`
    : "Nothing was submitted; submit again";
  return refusal(`The job was refused (${why.reasonCode}): ${why.reason}. ${left} when jobs have ended.`);
}

/** The job that the key made before, which must ask for the same. */
function sameAs(found: JobItem, job: JobItem): JobItem {
  if (isSameRequest(found.request, job.request)) return found;
  throw refusal(
    `The idempotency key "${job.idempotencyKey}" belongs to job ${found.id} of ${found.submittedAt}, which runs something else. Use another key for another job.`,
  );
}
