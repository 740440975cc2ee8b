import { isSameRequest, newJob } from "../../../agent/contract/job.js";
import { jobOf } from "../../../agent/contract/job-definition.js";
import type { ClusterItem, JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { failure, refusal } from "../core/exit.js";
import type { Jobs } from "../core/ports.js";
import type { PackedFolder } from "./pack.js";

/** What to run: a request, perhaps with a folder that is to be sent before it, or one of the cluster's job definitions. */
export type Runnable =
  | { readonly request: JobRequest }
  | { readonly request: JobRequest; readonly upload: PackedFolder }
  | { readonly definition: string };

/** The job for this key; writes nothing. Throws if there is no such definition. */
export async function planJob(
  jobs: Pick<Jobs, "definition">,
  cluster: ClusterItem,
  what: Runnable,
  { key, now }: { readonly key: string; readonly now: Date },
): Promise<JobItem> {
  if ("request" in what) return newJob(cluster.uuid, key, what.request, now);
  const definition = await jobs.definition(cluster.uuid, what.definition);
  if (definition !== null) return jobOf(definition, now, key);
  throw failure(
    `Cluster ${cluster.name} has no job definition ${what.definition}. Declare it with muster_job_definition, or under jobDefinitions in muster.yaml.`,
  );
}

/** Writes the job, or finds the earlier one with the same key, which must ask for the same. May run twice. */
export async function submitJob(
  jobs: Pick<Jobs, "submit" | "read">,
  job: JobItem,
): Promise<{ readonly job: JobItem; readonly isNew: boolean }> {
  if (await jobs.submit(job)) return { job, isNew: true };
  const found = await jobs.read(job.clusterUuid, job.id);
  if (found === null)
    throw failure(`Job ${job.id} disappeared during submission: is the cluster being removed?`);
  if (isSameRequest(found.request, job.request)) return { job: found, isNew: false };
  throw refusal(
    `The idempotency key "${job.idempotencyKey}" belongs to job ${found.id} of ${found.submittedAt}, which runs something else. Use another key for another job.`,
  );
}
