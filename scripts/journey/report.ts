import type { ClusterItem, JobItem } from "../../agent/contract/registry.js";
import type { Progress } from "./progress.js";

/** What `quickstart --json` prints as its last line. What was never reached is null or empty. */
export interface Report {
  readonly cluster: { readonly uuid: string; readonly status: string } | null;
  readonly nodes: readonly {
    readonly id: string;
    readonly address: string;
    readonly hostname: string;
    readonly cores: number;
    readonly ready: boolean;
  }[];
  readonly job: {
    readonly id: string;
    readonly status: string;
    readonly ranks: number | null;
    readonly exitCode: number | null;
  } | null;
  /** The distinct hostnames that the job's output names. */
  readonly hostnames: readonly string[];
  readonly log: JobItem["log"];
  /** Whatever was still there after destroy, a line each; null when nothing was destroyed (--keep). */
  readonly leftovers: readonly string[] | null;
  /** Of each step as a person waited for it; `job` is the job's own time, which may be within deploy's. */
  readonly seconds: ReturnType<Progress["seconds"]>;
  /** Everything that was not as it should be; empty = exit status 0. */
  readonly faults: readonly string[];
}

/** What a journey has seen so far; its steps fill it in, so that a failure half-way loses nothing of it. */
export interface Sightings {
  cluster: ClusterItem | null;
  job: JobItem | null;
  hostnames: readonly string[];
  leftovers: readonly string[] | null;
  faults: string[];
}

export const nothingSeen = (): Sightings => ({
  cluster: null,
  job: null,
  hostnames: [],
  leftovers: null,
  faults: [],
});

/** The report of what was seen. Pure. */
export function renderReport({ cluster, job, ...seen }: Sightings, seconds: Report["seconds"]): Report {
  return {
    cluster: cluster && { uuid: cluster.uuid, status: cluster.clusterStatus },
    nodes: (cluster?.nodes ?? []).map(({ id, address, hostname, cores, state }) => ({
      id,
      address,
      hostname,
      cores,
      ready: state === "ready" || state === "busy",
    })),
    job: job && { id: job.id, status: job.status, ranks: job.ranks, exitCode: job.exitCode },
    log: job?.log ?? null,
    ...seen,
    seconds: { ...seconds, job: job === null ? seconds.job : secondsOf(job) },
  };
}

/** From its submission to its end, with one decimal; 0 before that; deploy may have waited for something else meanwhile. */
function secondsOf({ submittedAt, endedAt }: JobItem): number {
  return Math.round((Date.parse(endedAt ?? submittedAt) - Date.parse(submittedAt)) / 100) / 10;
}

/** The job's end for a person: how it ended, where its log is; its last lines where the log is not to be had. Pure. */
export function renderJob(job: JobItem): string[] {
  const code = job.exitCode === null ? "" : ` with exit code ${job.exitCode}`;
  const why = job.reason === null ? "" : `: ${job.reason}`;
  const log = job.log === null ? "not delivered; its last lines:" : `${job.log.uri} (${job.log.bytes} bytes)`;
  return [
    `job ${job.id}: ${job.status}${code}${why}, ${secondsOf(job).toFixed(1)} s after its submission`,
    `log: ${log}`,
    ...(job.log === null ? job.lastLines : []),
  ];
}
