import { pMapIterable } from "p-map";
import { IDEMPOTENCY_HEADER, type JobListing } from "../../../../agent/contract/http.js";
import type { AttemptItem } from "../../../../agent/contract/job-attempt.js";
import { isJobEnded, type JobStatus } from "../../../../agent/contract/job-state.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import type { Jobs } from "../../core/ports.js";
import type { AgentSocket } from "./socket.js";

const LISTED = 200;
const READS_AT_ONCE = { concurrency: 8 } as const;

/** The cluster's jobs, as this notebook's agent has them: it admits, wakes and refuses by itself. */
export function socketJobs({ json, ask }: AgentSocket, notHere: (what: string) => never): Jobs {
  const read = (jobId: string) => json<JobItem>(`/v1/jobs/${encodeURIComponent(jobId)}`);
  const page = async (status: JobStatus | undefined, limit = LISTED) => {
    const wanted = status === undefined ? "" : `&status=${status}`;
    const path = `/v1/jobs?limit=${Math.min(limit, LISTED)}${wanted}`;
    return (await json<{ jobs: JobListing[] }>(path))?.jobs ?? [];
  };
  // A listing does not say what a job runs: the ones that are shown are read, and no others.
  async function* list(status?: JobStatus, limit = LISTED): AsyncGenerator<JobItem> {
    for await (const job of pMapIterable(await page(status, limit), ({ id }) => read(id), READS_AT_ONCE))
      if (job !== null) yield job;
  }
  const cancel = (jobId: string) =>
    json<JobItem>(`/v1/jobs/${encodeURIComponent(jobId)}/cancel`, { method: "POST" });
  return {
    approach: () => undefined,
    approached: async () => undefined,
    // The agent that it is submitted to offers it.
    offer: async () => null,
    async submit({ idempotencyKey, request }) {
      const headers = { [IDEMPOTENCY_HEADER]: idempotencyKey };
      const reply = await ask("/v1/jobs", { method: "POST", headers, body: request });
      return reply?.status === 201;
    },
    refuse: async () => false,
    wake: async () => null,
    read: (_uuid, jobId) => read(jobId),
    observe: (_uuid, jobId) => read(jobId),
    async attempts(_uuid, jobId) {
      const found = await json<{ attempts: AttemptItem[] }>(`/v1/jobs/${encodeURIComponent(jobId)}/attempts`);
      return found?.attempts ?? [];
    },
    summary: (_uuid, jobId) => read(jobId),
    each: () => list(),
    list: (_uuid, { status, limit }) => list(status, limit + 1),
    async queue() {
      const [running, waiting] = await Promise.all([page("INPROGRESS"), page("NEW")]);
      return [...running, ...waiting.reverse()];
    },
    async cancelQueued(_uuid, jobId) {
      if ((await read(jobId))?.status !== "NEW") return false;
      return (await cancel(jobId))?.status === "CANCELLED";
    },
    async requestCancel(_uuid, jobId) {
      const job = await read(jobId);
      return job !== null && !isJobEnded(job.status) && (await cancel(jobId)) !== null;
    },
    definition: async () => notHere("job definitions"),
    definitions: () => notHere("job definitions"),
    schedules: async () => notHere("job definitions"),
  };
}
