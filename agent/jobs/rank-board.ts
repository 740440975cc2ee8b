import type { CgroupUsage } from "../launcher/launches.js";
import { isDeeperCause } from "../launcher/rank-events.js";
import type { LaunchListener } from "../launcher/routes.js";
import type { Clock } from "../time/clock.js";

/** A rank's failure as its node reported it. */
export interface FailedRank {
  readonly host: string;
  readonly rank: number;
  /** 128 + signal where one ended it. */
  readonly status: number;
  /** The rank's own last lines. */
  readonly lines: readonly string[];
  readonly isOutOfMemory: boolean;
  /** Monotonic, when the head heard of it. */
  readonly atMs: number;
}

/** What the nodes have reported about a job's ranks so far. */
export interface RankFacts {
  /** The first that failed; one that others only miss goes before them. */
  readonly failed: FailedRank | null;
  /** By host: the ranks that run there, if some have waited long for others. */
  readonly waiting: ReadonlyMap<string, readonly number[]>;
  /** Those of them all of whose ranks that run wait. */
  readonly stuck: ReadonlySet<string>;
  /** Hosts whose proxy has ended. */
  readonly ended: ReadonlyMap<string, EndedProxy>;
}

/** A host's proxy that has ended. */
interface EndedProxy {
  /** Monotonic, when the head heard of it. */
  readonly atMs: number;
  /** 128 + signal where one ended it; null: not known. */
  readonly exitCode: number | null;
  /** What its ranks have used; missing where that is not known. */
  readonly usage?: CgroupUsage;
}

export const NO_FACTS: RankFacts = { failed: null, waiting: new Map(), stuck: new Set(), ended: new Map() };

/** Keeps the nodes' reports about the ranks of jobs that run under this agent. In memory: after a restart, the nodes report again. */
export interface RankBoard extends LaunchListener {
  factsOf(jobId: string): RankFacts;
  forget(jobId: string): void;
}

/** `onNews` is called at each change. */
export function createRankBoard(clock: Pick<Clock, "monotonicMs">, onNews: () => void): RankBoard {
  const jobs = new Map<string, RankFacts>();
  const factsOf = (jobId: string) => jobs.get(jobId) ?? NO_FACTS;
  const change = (jobId: string, changed: Partial<RankFacts>) => {
    jobs.set(jobId, { ...factsOf(jobId), ...changed });
    onNews();
  };
  return {
    factsOf,
    event(jobId, host, event) {
      const { failed, waiting, stuck } = factsOf(jobId);
      if (event.type === "rankFailed") {
        const { type: _, ...failure } = event;
        const next = { ...failure, host, atMs: failed?.atMs ?? clock.monotonicMs() };
        return change(jobId, { failed: failed === null || isDeeperCause(event, failed) ? next : failed });
      }
      const { alive, areAll = false } = event;
      const others = new Map([...waiting].filter(([one]) => one !== host));
      const stuckOthers = [...stuck].filter((one) => one !== host);
      change(jobId, {
        waiting: alive === null ? others : others.set(host, alive),
        stuck: new Set(areAll ? [...stuckOthers, host] : stuckOthers),
      });
    },
    ended(jobId, host, { exitCode, usage }) {
      const { ended, waiting } = factsOf(jobId);
      const next = new Map(waiting);
      next.delete(host);
      const proxy = { atMs: clock.monotonicMs(), exitCode, ...(usage === undefined ? {} : { usage }) };
      change(jobId, { ended: new Map(ended).set(host, proxy), waiting: next });
    },
    forget: (jobId) => void jobs.delete(jobId),
  };
}
