import type { JobSummary } from "../core/ports.js";

/** Which job it is, and when it was submitted. */
type JobPlace = Pick<JobSummary, "id" | "submittedAt">;

/** The last job submitted of each definition, by the definition's name. Of the jobs no more is held. */
export async function findLastJobs(jobs: AsyncIterable<JobSummary>): Promise<ReadonlyMap<string, JobPlace>> {
  const last = new Map<string, JobPlace>();
  for await (const { id, submittedAt, definition } of jobs) {
    if (definition === undefined) continue;
    const known = last.get(definition.name);
    if (known === undefined || submittedAt > known.submittedAt)
      last.set(definition.name, { id, submittedAt });
  }
  return last;
}

/** The last job submitted of the definition of that name; null: there is none. */
export async function lastJobOf(jobs: AsyncIterable<JobSummary>, name: string): Promise<JobSummary | null> {
  let last: JobSummary | null = null;
  for await (const job of jobs)
    if (job.definition?.name === name && job.submittedAt > (last?.submittedAt ?? "")) last = job;
  return last;
}
