import { isUsable } from "../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { JobItem } from "../../agent/contract/registry.js";
import { secondsOf } from "../cli/render/job.js";
import type { Progress } from "./progress.js";

/** The last line of `quickstart --json`. Fields of steps that were not reached are null or empty. */
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
  /** Everything left after destroy, a line each; null if nothing was destroyed (--keep). */
  readonly leftovers: readonly string[] | null;
  /** Seconds of each step as a person waited for it; `job` is the job's own time, which may be part of deploy's. */
  readonly seconds: ReturnType<Progress["seconds"]>;
  /** Every failed check; empty = exit status 0. */
  readonly faults: readonly string[];
}

/** What a journey has seen so far; its steps fill it in, so that a failure half-way loses nothing of it. */
export interface Findings {
  cluster: ObservedCluster | null;
  job: JobItem | null;
  hostnames: readonly string[];
  leftovers: readonly string[] | null;
  faults: string[];
}

export const nothingSeen = (): Findings => ({
  cluster: null,
  job: null,
  hostnames: [],
  leftovers: null,
  faults: [],
});

/** The report of what was seen. Pure. */
export function renderReport({ cluster, job, ...seen }: Findings, seconds: Report["seconds"]): Report {
  return {
    cluster: cluster && { uuid: cluster.uuid, status: cluster.clusterStatus },
    nodes: (cluster?.nodes ?? []).map(({ id, address, hostname, cores, kind, state }) => ({
      id,
      address,
      hostname,
      cores,
      ready: isUsable({ kind, state }),
    })),
    job: job && { id: job.id, status: job.status, ranks: job.ranks, exitCode: job.exitCode },
    log: job?.log ?? null,
    ...seen,
    seconds: { ...seconds, job: job === null ? seconds.job : secondsOf(job) },
  };
}
