import { observeCluster } from "../registry-clusters.js";
import { musterDataSource } from "../source.js";
import { latestJobs } from "./choose.js";
import { jobsDataSchema } from "./schema.js";

/** `data "muster_jobs"`. */
export const jobsSource = musterDataSource({
  schema: jobsDataSchema,

  async read({ cluster_uuid: uuid, status, limit }, { client }) {
    await observeCluster(client, uuid, "cluster_uuid");
    const jobs = await client.jobs.list(uuid);
    return {
      id: uuid,
      jobs: latestJobs(jobs, { status, limit }).map((job) => ({
        id: job.id,
        idempotency_key: job.idempotencyKey,
        definition: job.definition?.name ?? null,
        revision: job.definition?.revision ?? null,
        command: job.request.command,
        status: job.status,
        phase: job.phase,
        reason_code: job.reasonCode,
        reason: job.reason,
        attempt: job.attempt,
        processes: job.ranks,
        exit_code: job.exitCode,
        submitted_by: job.submittedBy,
        slot: job.slot,
        source_version: job.sourceVersion,
        submitted_at: job.submittedAt,
        started_at: job.startedAt,
        retry_at: job.retryAt,
        phase_times: { ...job.phaseTimes },
        ended_at: job.endedAt,
        log_uri: job.log?.uri ?? null,
      })),
    };
  },
});
