import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { type Execution, isOver } from "./execution.js";
import type { HeadView } from "./ports.js";

/**
 * The jobs whose programs have ended, for good: the registry says how, and their logs are brought and their ends written beside the next
 * job, which need not wait for a bucket.
 */
export interface Finishing {
  /** Whether another one may be added: where the bucket or the registry is slow, the next job waits after all. */
  hasRoom(): boolean;
  /** Takes over a job that `isFinishing`: its steps are done here from now on, and nowhere else. */
  add(execution: Execution): void;
  /** The ids of the jobs, the one that has been here longest first. */
  ids(): readonly string[];
  /** As an execution's. */
  worksOn(address: string): boolean;
  /** Begins no further step, and waits for those under way: the next head goes on with the jobs. */
  stop(): Promise<void>;
}

/** How many at once: each may hold a part of its log in memory. */
const MOST = 4;
const RETRY_MS = 1_000;

export function createFinishing({
  head,
  clock,
  log,
}: {
  readonly head: Pick<HeadView, "generation">;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Logger;
}): Finishing {
  const executions = new Map<Execution, Promise<void>>();
  const ending = new AbortController();

  const isOurs = ({ generation }: Execution) => !ending.signal.aborted && head.generation() === generation;

  async function finish(execution: Execution): Promise<void> {
    while (isOurs(execution)) {
      try {
        if (isOver(await execution.step())) return;
      } catch (error) {
        log.warn({ jobId: execution.jobId, reason: reasonOf(error) }, "jobs: trying again to end one");
        await clock.sleep(RETRY_MS, ending.signal);
      }
    }
    await execution.abandon();
  }

  return {
    hasRoom: () => executions.size < MOST,
    add(execution) {
      executions.set(
        execution,
        finish(execution).finally(() => executions.delete(execution)),
      );
    },
    ids: () => [...executions.keys()].map(({ jobId }) => jobId),
    worksOn: (address) => [...executions.keys()].some((execution) => execution.worksOn(address)),
    async stop() {
      ending.abort();
      await Promise.all(executions.values());
    },
  };
}
